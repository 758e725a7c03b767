"""What the device registers say, kept as they say it, and found by whatever is on a pack."""
