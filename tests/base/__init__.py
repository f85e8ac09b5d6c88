"""The ground floor: errors, time and exact numbers."""
