"""The outside world to the interactions topic."""
