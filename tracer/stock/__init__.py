"""Where every piece is: locations, the double-entry ledger of movements, balances, units, counts."""
