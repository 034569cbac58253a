"""Takes statements in, keeps them for ever, gives them back."""
