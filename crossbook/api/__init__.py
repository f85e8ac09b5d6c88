"""The door for programs and browsers: HTTP, the workers' WebSocket, a live feed, and the page."""
