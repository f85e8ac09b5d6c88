"""Peers: plain scripts that do the same job by other means, for comparison."""
