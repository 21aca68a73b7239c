"""A model's provider on loopback, for tests and measurements: it answers, refuses, fails and hangs as it is told."""
