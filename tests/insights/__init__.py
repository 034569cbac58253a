"""The read API and signing in."""
