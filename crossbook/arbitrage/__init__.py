"""Claims × states → opportunity, or the proof that there is none."""
