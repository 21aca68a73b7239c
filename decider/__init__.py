"""Enriched events to decisions and transitions."""
