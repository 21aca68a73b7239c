"""Invented families against the product's own decisions: which policy does better, in which world, and by how much."""
