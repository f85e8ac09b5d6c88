"""Screens that compare whole markets and whole venues: what each believes, and which error explains a difference."""
