"""The wiring: what is chosen, and how processes end."""
