"""Tests of the tree over the log."""
