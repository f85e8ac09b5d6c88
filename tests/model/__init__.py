"""The nouns: what a claim says and pays, how odds are written, and what an offer is worth."""
