"""A simulated world that goes on while one watches: real servers, a log of what is true, and a judge."""
