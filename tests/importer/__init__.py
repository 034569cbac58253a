"""Importing what was exported elsewhere."""
