"""Which listings are one event: by hand-made cases, by properties, and against labelled pairs."""
