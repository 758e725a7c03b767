"""`tracer register …`: releases in, and what they say of a code."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import click

from reconcile.registers.records import Register
from tracer.access.operator import OPERATOR
from tracer.shared.clock import SystemClock

SOME_REFUSED = 3


def make_group(service: Callable[[], AbstractContextManager[Any]]) -> click.Group:
    """The command group. `service` opens the installation: only the command line knows how."""

    @click.group(name="register")
    def register() -> None:
        """Device registers: the national UDI database, GUDID, the insurance catalogue."""

    @register.command(name="import")
    @click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
    @click.option(
        "--kind",
        type=click.Choice([kind.value for kind in Register]),
        help="Leave alone what is of another register. Unset: as the content says.",
    )
    def import_(files: tuple[Path, ...], kind: str | None) -> None:
        """Import FILES as they were released: XML, XLSX, CSV, JSON, in zips or zips of zips.

        Good records are taken, others are reported with their place. An import that was interrupted goes on
        where it stopped when the same file is given again.

        Exit status: 0 everything taken, 3 something refused, 2 a file could not be opened.
        """
        refused = False
        with service() as here:
            for path in files:
                refused |= _import(here, path, Register(kind) if kind else None)
        if refused:
            raise click.exceptions.Exit(SOME_REFUSED)

    @register.command(name="find")
    @click.argument("typed", metavar="CODE", nargs=-1, required=True)
    def find(typed: tuple[str, ...]) -> None:
        """Print, as JSON, what the registers say of a device identifier; of anything else what is found.

        Exit status: 0 something is found, 1 nothing is.
        """
        # Imported here: the other commands start faster without it.
        from tracer.catalog.registers.facts import register_facts
        from tracer.catalog.registers.schemas import FactOut, FoundOut
        from tracer.catalog.registers.searching import search_registers

        words = " ".join(typed)
        with service() as here, here.engine.connect() as connection:
            fact = register_facts(connection, words)
            if fact is not None:
                shown = FactOut.of(fact).model_dump(mode="json")
            else:
                found = search_registers(connection, words)
                shown = FoundOut.of(found).model_dump(mode="json", by_alias=True)
        click.echo(json.dumps(shown, ensure_ascii=False, indent=1))
        if fact is None and not found.hits:
            raise click.exceptions.Exit(1)

    return register


def _import(here: Any, path: Path, kind: Register | None) -> bool:
    # Imported here: the other commands start faster without the readers.
    from tracer.catalog.registers import telling
    from tracer.catalog.registers.importing import import_register

    teller = telling.Teller()
    clock = SystemClock(here.settings.timezone)
    progress = import_register(here.engine, OPERATOR, path, clock=clock, register=kind, watch=teller)
    if not progress.known:
        teller.end()
        with here.engine.connect() as connection:
            _echo(telling.bad_lines(connection, progress.batch_id))
    click.echo(telling.receipt(progress))
    return progress.refused > 0


def _echo(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line, err=True)
