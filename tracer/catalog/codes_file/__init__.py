"""A file of codes, from cells to rows in tables: what `importing_codes` is made of.

columns   the headings that are understood
cells     one cell → a value, or the reason why not
findings  what is wrong, where, and what was expected
rows      a sheet → typed rows; every bad cell is a finding
lanes     what holds from when to when: one claim set against what is already known
known     what the database says about the items and codes of the file
planning  rows against what is known: the changes to make, or findings
writing   the changes, written in bulk
"""
