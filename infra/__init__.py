"""Everything around the services: command line, local stack, topics as code."""
