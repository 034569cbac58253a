"""Statements: reading, checking, completing, comparing and formatting them."""
