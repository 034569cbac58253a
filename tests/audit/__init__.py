"""Tests of what auditors get."""
