"""Bundles: events of the log with their proofs in one file, which is checked with that file and a public key alone."""
