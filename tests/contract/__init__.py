"""What existing clients rely on, word for word."""
