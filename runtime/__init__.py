"""The one Kafka loop and its in-memory twin; knows nothing of families."""
