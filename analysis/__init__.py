"""What analysts import: replay, and later export, off-policy evaluation and simulation."""
