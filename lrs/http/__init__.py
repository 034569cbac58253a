"""What requests have in common, whichever API they are for: headers, parameters, bodies, who asks, entity tags."""
