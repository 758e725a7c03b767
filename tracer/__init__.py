"""The hospital's consumables, traced: stock, use, charge and the difference between them."""

__version__ = "0.1.0"
