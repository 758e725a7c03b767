"""GS1: element strings, bracketed text, GTIN symbols, Digital Link."""
