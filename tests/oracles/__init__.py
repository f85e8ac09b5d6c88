"""Independent judges: slow, plain reference answers that share no code with the package they judge."""
