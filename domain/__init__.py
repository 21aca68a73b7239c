"""What the system decides, and from what: pure functions and frozen values, standard library only."""
