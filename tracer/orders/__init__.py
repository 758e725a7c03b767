"""Encounters and the orders placed for them; bundles and what unpacking them expects."""
