"""Transitions to learned values."""
