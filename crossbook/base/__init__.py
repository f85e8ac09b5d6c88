"""The ground floor: exact numbers, time, errors. Nothing of ours is imported here."""
