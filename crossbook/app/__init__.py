"""Where parts are chosen and put together."""
