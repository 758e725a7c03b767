"""People and devices: who they are, what they may do and where, and the record of what they did."""
