"""The way through: frames in, opportunities out."""
