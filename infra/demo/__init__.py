"""Families that never were, played so that a first look has something to look at."""
