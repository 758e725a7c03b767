"""Five-code reconciliation: what each system's export claims, grouped; what is wrong in each group, and why.

Codes are nodes; a row of an export claims that the codes it holds belong together; a group is a connected
component. Source frames go in, groups and findings come out; nothing depends on the order of files or rows.

    claims.py      frames → canonical codes and attributes, told apart by number
    grouping.py    numbers → connected components, in a stable order
    separating.py  a group with two codes of one system → the fewest claims to give up
    findings.py    groups → findings of every class
    report.py      all of it in one call: `reconcile_codes`
    command.py     `python -m reconcile codes`
"""

from __future__ import annotations

from reconcile.codes.columns import ATTRIBUTES, COMPARED, SYSTEMS, Status
from reconcile.codes.report import CodesResult, reconcile_codes

__all__ = ["ATTRIBUTES", "COMPARED", "SYSTEMS", "CodesResult", "Status", "reconcile_codes"]
