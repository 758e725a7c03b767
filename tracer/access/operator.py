"""The account under which commands on the server itself act and are audited."""

from __future__ import annotations

from tracer.access.rules import Actor, Grant, Role

# The row is made by the first migration. It has no password and no token: nobody signs in as it.
OPERATOR = Actor(id=1, username="operator", name="系统命令行", grants=(Grant(Role.ADMIN),), origin="cli")
