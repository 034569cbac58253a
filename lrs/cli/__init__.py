"""The `lrs` command."""
