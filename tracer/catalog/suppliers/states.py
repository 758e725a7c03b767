"""What became of an entry, from the code, certificate or price that it proposed."""

from __future__ import annotations

from typing import Final

# SQL, for an entry `e` with its binding `b`, certificate `c`, price `p` of which two are null.
STATE: Final = """
    CASE WHEN e.withdrawn_at IS NOT NULL THEN 'withdrawn'
         WHEN coalesce(b.status, c.status, p.status) = 'proposed'
              THEN CASE WHEN p.first_approver_id IS NOT NULL THEN 'half' ELSE 'waiting' END
         WHEN coalesce(b.status, c.status, p.status) = 'rejected' THEN 'returned'
         WHEN coalesce(b.status, c.status) IN ('retired', 'replaced') THEN 'ended'
         ELSE 'approved' END"""
# SQL, whether a proposal was entered by a supplier: such are looked at beside the registers before they are
# approved, and never go in bulk with all others.
_ENTERED = "EXISTS (SELECT FROM supplier_entry x WHERE x.{0}_id = {1}.id AND x.withdrawn_at IS NULL)"


def entered_by_supplier(table: str, alias: str) -> str:
    """For `binding`, `certificate` or `price` rows called `alias`."""
    return _ENTERED.format(table, alias)


JOINED: Final = """
    LEFT JOIN code_binding b ON b.id = e.binding_id
    LEFT JOIN certificate c ON c.id = e.certificate_id
    LEFT JOIN price p ON p.id = e.price_id"""
