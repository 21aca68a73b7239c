"""The schema's history, applied by `projections.migrate`."""
