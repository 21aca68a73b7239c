"""Benchmarks as programs: ratios of one run as a table and as JSON; never timed tests."""
