"""Every table of the service, for migrations and drift checks. Nothing else imports this."""

from tracer.access import tables as access
from tracer.catalog import tables as catalog
from tracer.catalog.certificates import tables as certificates
from tracer.catalog.intake import tables as intake
from tracer.catalog.mismatches import tables as mismatches
from tracer.catalog.registers import tables as registers
from tracer.catalog.suppliers import tables as suppliers
from tracer.charging import tables as charging
from tracer.closing import tables as closing
from tracer.db.base import Base
from tracer.exchange import tables as exchange
from tracer.orders import tables as orders
from tracer.stock import tables as stock

__all__ = [
    "access", "catalog", "certificates", "charging", "closing", "exchange", "intake", "metadata",
    "mismatches", "orders", "registers", "stock", "suppliers",
]  # fmt: skip
metadata = Base.metadata
