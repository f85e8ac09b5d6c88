"""Whether every plan is found and none is made up: an oracle that solves everything anew beside whoever is judged."""
