"""What the documents promise, held against the running system by tools that know nothing else of it."""
