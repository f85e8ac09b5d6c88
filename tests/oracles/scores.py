"""Final scores that a judge of football bets looks at."""

SCORES = [(home, away) for home in range(9) for away in range(9)]
