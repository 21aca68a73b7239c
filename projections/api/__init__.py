"""The HTTP API that reads the views; it writes nothing."""
