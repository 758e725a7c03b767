"""The bedside: a scan becomes one stock movement and one charge."""
