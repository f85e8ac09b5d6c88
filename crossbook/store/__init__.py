"""The only database: PostgreSQL, our own or one that is named by its address."""
