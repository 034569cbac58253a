"""The dashboard in a real browser, on the demo organisation."""
