"""What is held about somebody."""
