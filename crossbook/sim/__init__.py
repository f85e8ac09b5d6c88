"""Sim: a world whose true goal rates are known, venues that quote it, and a log of what is true and what is a trap.

Nothing here looks at how the rest of Crossbook finds or screens opportunities, so that its log can judge them.
"""
