"""For auditors: what doesn't rest on trusting whoever runs this."""
