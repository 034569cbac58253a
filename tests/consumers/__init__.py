"""Tests of what keeps projections current, and of what they must equal."""
