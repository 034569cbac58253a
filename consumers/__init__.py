"""Keeps projections current from the stream."""
