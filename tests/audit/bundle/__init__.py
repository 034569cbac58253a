"""Tests of bundles and of checking."""
