"""The runtime's invariants, each a pure checker over the record topics."""
