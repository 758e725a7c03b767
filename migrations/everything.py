"""Every table of the service, for migrations and drift checks. Nothing else imports this."""

from tracer.access import tables as access
from tracer.catalog import tables as catalog
from tracer.charging import tables as charging
from tracer.closing import tables as closing
from tracer.db.base import Base
from tracer.orders import tables as orders
from tracer.stock import tables as stock

__all__ = ["access", "catalog", "charging", "closing", "metadata", "orders", "stock"]
metadata = Base.metadata
