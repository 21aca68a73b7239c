"""The `academy` command: one module per family of commands."""
