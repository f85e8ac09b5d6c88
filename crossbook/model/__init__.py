"""The nouns, frozen, and the price mathematics that belongs to them."""
