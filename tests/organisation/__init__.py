"""The organisation."""
