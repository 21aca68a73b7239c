"""The same topology on three engines: ours, quixstreams and Kafka Streams."""
