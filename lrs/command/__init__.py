"""What commands of both programs, `lrs` and the consumers, have in common."""
