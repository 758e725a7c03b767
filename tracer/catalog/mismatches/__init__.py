"""What other systems' own exports claim about codes, where they disagree, and what was decided.

    tables.py       sources, extracts, claims, findings, settlements and their corrections
    loading.py      an export becomes a source's claims, in place of those it gave before
    running.py      claims as corrected → groups → findings opened and closed, settlements suggested
    correcting.py   claims as they will read once what was approved is carried out
    suggesting.py   a proposal of `reconcile.proposals` as a settlement
    settling.py     suggested → proposed by a person → approved by another → told to each system
    taking_back.py  approved → to be taken back → taken back by another, and told
    adopting.py     groups that are one-to-one as this house's own five codes
    watching.py     how far a loading has come
    heeding.py      whether a system did what it was told: followed, silent, contradicted
    queries.py      the workbench: findings, one group, the burn-down
    pages.py        what people ask and decide · showing.py the pages they see

A settlement says how some groups of codes shall be told apart. Its corrections say of single rows of single
exports what they should read instead: that is what the other systems are told, and what the next export
shows to have been heard or not.
"""
