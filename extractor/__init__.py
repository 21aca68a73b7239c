"""Interactions to enriched: what was said, as closed classes."""
