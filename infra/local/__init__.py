"""The whole system on one machine: an embedded Kafka broker and PostgreSQL, and the processes around them."""
