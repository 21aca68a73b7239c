"""How well an adapter reads what families say: a golden set in two halves, and its scores."""
