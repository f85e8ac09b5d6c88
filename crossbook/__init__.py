"""Crossbook finds prices that disagree and acts on them with care."""

__version__ = "0.1.0"
