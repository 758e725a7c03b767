"""The way to the database, and the database itself where none is given."""
