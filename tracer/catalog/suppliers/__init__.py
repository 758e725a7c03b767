"""Suppliers enter what they know of the items they sell here; the hospital looks at it as differences.

    tables.py       who acts for which supplier, which items it sells here, what it entered, its files
    owning.py       whose items these are: asked by everything that writes or shows anything of a supplier
    assigning.py    procurement says which items a supplier sells, and who acts for it
    rules.py        an entry set beside what holds and what waits: taken, unchanged or refused. Pure
    reading.py      a supplier's spreadsheet → rows, each with what cannot be read of it. Pure
    entering.py     rows → proposals of codes, certificates and prices, and an answer for every row
    withdrawing.py  a supplier takes back what nobody has decided
    states.py       what became of an entry, from what it proposed
    doubting.py     why an entry should be looked at before it is approved. Pure
    registers_say.py  what the registers say of many identifiers at once
    reviewing.py    entries beside what holds and what the registers say; approved or returned
    queries.py      a supplier's own pages
    writing.py      the template to fill in, and the answers, as files
    pages.py        for the supplier's people
    office_pages.py for the hospital's people
    api.py          the same for their systems

An entry comes into force only as any other proposal does: codes by another person, prices by two. Another
supplier's item is answered exactly like one that does not exist, by every way in.
"""
