"""Registration certificates (注册证, 备案): whose they are, how long they are valid, and what that stops.

    numbers.py      how a certificate's number is written, in the old and the new form. Pure
    rules.py        whether a certificate holds on a day, from what was said of it over time. Pure
    tables.py       what was said of a certificate, by whom, and who agreed
    proposing.py    a number and a last day, proposed
    deciding.py     approved by another person, or turned down
    validity.py     an item's certificate on a day; the gate before a receipt
    listing.py      those that have ended, end soon, or of which nothing is known
    pages.py        the same for people
    api.py          the same for programs

A certificate covers many items, and is valid equally for all of them: what is said last of a number holds,
whichever item it was said with. Nothing that was said is overwritten.
"""
