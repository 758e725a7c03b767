"""The command line: `tracer …`.

A command is a thin edge over a use case: parse, `with service() as here`, one transaction, print. What a
person can put right is told in one line on standard error, exit status 2.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import click
from sqlalchemy import Engine, NullPool, create_engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.orm import Session

from tracer import __version__
from tracer.access.operator import OPERATOR
from tracer.access.tokens import token_for
from tracer.bridge.command import scanner_bridge
from tracer.catalog.registers import command as registers
from tracer.db import embedded, migrating, turns
from tracer.db.dwelling import EmbeddedError
from tracer.db.engine import make_engine
from tracer.db.transaction import in_transaction
from tracer.settings import BadSetting, Settings, load_settings
from tracer.shared.clock import SystemClock
from tracer.shared.errors import Refusal

EXPECTED_ERROR = 2
INTERRUPTED = 130
OLDEST_POSTGRESQL = 15


class CannotGoOn(click.ClickException):
    """Something the operator can put right, told in one line."""

    exit_code = EXPECTED_ERROR


@dataclass(frozen=True, slots=True)
class Service:
    """What a command works with: the installation's settings and its database."""

    settings: Settings
    engine: Engine


@contextmanager
def service() -> Iterator[Service]:
    """The installation, with a running database of the right shape.

    The embedded server is started for the moment if it rests, and migrated; a database that belongs to
    somebody else is never migrated by the way.
    """
    settings = load_settings()
    with embedded.database(settings) as url:
        if settings.database_url is None:
            migrating.upgrade(url)
        else:
            _reach(url)
        engine = make_engine(url, pool_size=1)
        try:
            with engine.connect() as connection:
                if not migrating.is_current(connection):
                    raise CannotGoOn(
                        "the database has another shape than this version needs: run `tracer migrate`"
                    )
            yield Service(replace(settings, database_url=url), engine)
        finally:
            engine.dispose()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tracer")
def tracer() -> None:
    """Hospital consumables: every piece traced, every use charged, every day reconciled."""


@tracer.command()
def serve() -> None:
    """Start the database if need be, migrate it, and serve the web application until Ctrl-C."""
    settings = load_settings()
    if settings.database_url is not None:
        _reach(settings.database_url)
    # Imported here: the other commands need neither the pages nor gunicorn, and start faster.
    from tracer import serving
    from tracer.app import create_app

    try:
        serving.serve(settings, prepare=_prepare, create_app=create_app, say=click.echo)
    except serving.CannotListen as error:
        raise CannotGoOn(str(error)) from error


@tracer.command()
def migrate() -> None:
    """Bring the database to the shape this version needs."""
    with embedded.database(load_settings()) as url:
        _reach(url)
        migrating.upgrade(url)
    click.echo(f"The database is at revision {migrating.head()}.")


@tracer.command()
@click.argument("name")
@click.option("--role", required=True, help="What the device or system may do: nurse, storekeeper, his …")
@click.option("--scope", "location", help="A location's code: nowhere else. Unset: the whole hospital.")
def token(name: str, role: str, location: str | None) -> None:
    """Print a new bearer token for the device or system NAME. It is shown only now."""
    with service() as here:
        clock = SystemClock(here.settings.timezone)
        click.echo(
            in_transaction(here.engine, lambda session: token_for(session, name, role, location, clock))
        )


@tracer.group()
def sample() -> None:
    """The sample hospital: real device codes, invented people, two weeks with planted discrepancies."""


@sample.command(name="load")
@click.option("--scale", type=click.Choice(["small", "hospital"]), default="small", show_default=True)
def load_sample(scale: str) -> None:
    """Fill an empty database with the sample hospital."""
    with service() as here:
        loaded = _load_sample(here.settings, here.engine, scale)
        with Session(here.engine) as session:
            for line in _sign_ins(session) if loaded else ["The sample hospital is loaded already."]:
                click.echo(line)


@sample.command(name="describe")
def describe_sample() -> None:
    """Print, as JSON, what the loaded sample holds for a client to use, and what was planted in it."""
    from fixtures.describing import describe

    with service() as here, Session(here.engine) as session:
        found = describe(session, SystemClock(here.settings.timezone))
    click.echo(json.dumps(found, ensure_ascii=False, indent=1))


def _load_sample(settings: Settings, engine: Engine, scale: str) -> bool:
    # Imported here: only an empty database ever needs the sample.
    from fixtures.loading import load
    from fixtures.plan import Scale
    from scanners import InHouse

    return load(
        engine,
        SystemClock(settings.timezone),
        scale=Scale(scale),
        labels=InHouse(prefix=settings.inhouse_prefix),
        say=lambda line: click.echo(line, err=True),
    )


def _sign_ins(session: Session) -> list[str]:
    from fixtures.sign_ins import told

    return told(session)


@tracer.group(name="import")
def import_() -> None:
    """Take in what other systems know."""


@import_.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--report", type=click.Path(path_type=Path), help="Write every bad row to this CSV file.")
@click.option(
    "--approved-by",
    nargs=3,
    metavar="PROPOSER APPROVER SECOND",
    help="Who proposed and who approved it, by user name: in force at once.",
)
def codes(files: tuple[Path, ...], report: Path | None, approved_by: tuple[str, str, str] | None) -> None:
    """Import items, five codes, packages and prices from FILES (CSV, TSV, XLSX): everything, or nothing.

    Until somebody has approved the first code here, codes and prices are taken over as they stand; from
    then on they wait for approval.
    """
    # Imported here: the other commands start faster without the readers of spreadsheets.
    from tracer.catalog import telling_imports
    from tracer.catalog.errors import ImportRefused
    from tracer.catalog.importing_codes import approved_by as by_names
    from tracer.catalog.importing_codes import import_files

    with service() as here:
        clock = SystemClock(here.settings.timezone)
        try:
            receipts = in_transaction(
                here.engine,
                lambda session: import_files(
                    session,
                    OPERATOR,
                    files,
                    clock=clock,
                    approved=by_names(session, *approved_by) if approved_by else None,
                ),
            )
        except ImportRefused as refused:
            telling_imports.tell_findings(refused.findings, refused.remarks)
            if report is not None:
                telling_imports.write_report(report, refused.findings)
            raise
    for receipt in receipts:
        telling_imports.tell_findings((), receipt.remarks)
        telling_imports.tell_receipt(receipt)


@tracer.command()
def deliver() -> None:
    """Tell other systems what changed, until Ctrl-C; any number may run, on any machine."""
    # Imported here: only this command needs what sends.
    from tracer.exchange.running import deliver as deliver_until
    from tracer.exchange.running import until_told

    with service() as here:
        click.echo("Delivering. Ctrl-C stops it.")
        deliver_until(here.settings, lambda line: click.echo(f"tracer: {line}", err=True), until_told)


@tracer.command()
def intake() -> None:
    """Take in the files that are uploaded on the pages, until Ctrl-C."""
    # Imported here: only this command needs it.
    from tracer.catalog.intake.running import take_in
    from tracer.exchange.running import until_told

    with service() as here:
        click.echo("Taking files in. Ctrl-C stops it.")
        take_in(here.settings, lambda line: click.echo(f"tracer: {line}", err=True), until_told)


@tracer.command()
@click.argument("day", metavar="DATE")
def close(day: str) -> None:
    """Close the business day DATE (as 2026-01-05) and print its figures as JSON."""
    # Imported here: only this command needs the computation.
    from tracer.closing.closing_days import close_day

    try:
        wanted = date.fromisoformat(day)
    except ValueError as error:
        raise CannotGoOn(f"{day!r} is not a date; one as 2026-01-05 was expected") from error
    with service() as here:
        clock = SystemClock(here.settings.timezone)
        summary = in_transaction(
            here.engine,
            lambda session: close_day(session, OPERATOR, wanted, clock, here.settings.tolerance),
        )
    click.echo(json.dumps(summary, ensure_ascii=False, indent=2))


@tracer.command()
def check() -> None:
    """Ask every invariant of the ledger; exit status 1 and a line for each breach if one does not hold."""
    from tracer.closing.invariants import CHECKS, check_invariants

    with service() as here, Session(here.engine) as session:
        findings = check_invariants(session)
    for finding in findings:
        click.echo(str(finding))
    click.echo(f"{len(CHECKS)} checks, {len(findings)} findings")
    if findings:
        raise click.exceptions.Exit(1)


tracer.add_command(scanner_bridge)
tracer.add_command(registers.make_group(service))


def _prepare(settings: Settings) -> list[str]:
    """Ready the database for the web; returns what the operator should read once it answers."""
    assert settings.database_url is not None
    with turns.alone(settings.database_url, turns.PREPARING):
        migrating.upgrade(settings.database_url)
    return _ensure_sample(settings) if settings.sample else []


def _ensure_sample(settings: Settings) -> list[str]:
    """Load the sample into a database that holds nothing, or go on with a load that was interrupted."""
    from fixtures.loading import is_begun, is_empty, is_loaded

    assert settings.database_url is not None
    engine = make_engine(settings.database_url, pool_size=1)
    try:
        with Session(engine) as session:
            begun, wanted = is_begun(session), not is_loaded(session)
            if not (begun or is_empty(session)):
                return []  # somebody's own hospital
        if wanted:
            _load_apart(settings.database_url)
        with Session(engine) as session:
            return _sign_ins(session)
    finally:
        engine.dispose()


def _load_apart(url: str) -> None:
    """Load the sample in a process of its own: the server's, whose memory all workers share, stays small."""
    done = subprocess.run(
        [sys.executable, "-m", "tracer", "sample", "load"],
        env={**os.environ, "TRACER_DATABASE_URL": url},
        stdout=subprocess.DEVNULL,
    )
    if done.returncode:
        raise CannotGoOn("the sample hospital was not loaded; TRACER_SAMPLE=0 starts without it")


def _reach(url: str) -> None:
    """Raise CannotGoOn unless a PostgreSQL that is new enough answers."""
    try:
        engine = create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": 5})
        with engine.connect() as connection:
            version = int(connection.exec_driver_sql("SHOW server_version_num").scalar_one()) // 10000
    except DBAPIError as error:
        raise CannotGoOn(f"cannot reach {_shown(url)}: {_first_line(error.orig or error)}") from error
    except (ArgumentError, ValueError) as error:  # whose text may hold a part of the password
        raise CannotGoOn("TRACER_DATABASE_URL cannot be read as an address") from error
    if version < OLDEST_POSTGRESQL:
        raise CannotGoOn(f"{_shown(url)} is PostgreSQL {version}; {OLDEST_POSTGRESQL} or newer is needed")


def _shown(url: str) -> str:
    return "the database " + make_url(url).set(drivername="postgresql").render_as_string(hide_password=True)


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    try:
        status = tracer.main(args=arguments, prog_name="tracer", standalone_mode=False)
        return status if isinstance(status, int) else 0
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as help_text:
        help_text.show()
        return EXPECTED_ERROR
    except click.ClickException as error:
        message = error.format_message()
    except (BadSetting, EmbeddedError) as error:
        message = str(error)
    except Refusal as error:
        message = error.message("en")
    except OperationalError as error:
        message = f"the database does not answer: {_first_line(error.orig or error)}"
    print("tracer: " + " ".join(message.split()), file=sys.stderr)
    return EXPECTED_ERROR
