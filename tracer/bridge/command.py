"""`tracer scanner-bridge`: its options, and nothing done here."""

from __future__ import annotations

import os
import re
import socket
from dataclasses import fields
from pathlib import Path
from typing import Any

import click

from tracer.bridge.framing import TERMINATORS
from tracer.settings import Settings

BAUDS = [1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600]
TOKEN = "TRACER_TOKEN"
_SETTINGS = {field.name: field.default for field in fields(Settings)}
_NAME = re.compile("[^\x00-\x1f\x7f-\x9f]{1,100}")


def _name(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """What the service takes as a code or a name."""
    if value is not None and not _NAME.fullmatch(value):
        raise click.BadParameter("1 to 100 printable characters are wanted")
    return value


def _pattern(context: click.Context, parameter: click.Parameter, value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise click.BadParameter(f"is no regular expression ({error})") from error
    return value


def _list_ports(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if not wanted:
        return
    from tracer.bridge.ports import list_serial_ports

    for port in list_serial_ports():
        click.echo(f"{port.path}\t{'USB' if port.is_usb else '-'}\t{port.description}")
    context.exit()


def _default_queue() -> Path:
    """A folder of this user's that outlives a restart of the machine."""
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA", "~")).expanduser() / "tracer" / "scanner-bridge"
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(state).expanduser() / "tracer" / "scanner-bridge"


@click.command(name="scanner-bridge")
@click.option(
    "--list-ports",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_list_ports,
    help="List the serial ports of this machine and leave.",
)
@click.option("--port", required=True, help="The scanner's port: /dev/ttyACM0, COM3, or `auto`.")
@click.option("--server", required=True, help="The service's address, as https://tracer.intranet.")
@click.option(
    "--location", required=True, callback=_name, help="The code of the ward the pieces are used in."
)
@click.option(
    "--token-file",
    type=click.Path(path_type=Path),
    help=f"A file that holds the bearer token. Unset: {TOKEN}.",
)
@click.option(
    "--encounter",
    callback=_name,
    help="Everything is for this patient. Unset: for the wristband scanned last.",
)
@click.option(
    "--encounter-pattern",
    envvar="TRACER_ENCOUNTER_PATTERN",
    default=str(_SETTINGS["encounter_pattern"]),
    show_default=True,
    callback=_pattern,
    help="What is taken for a wristband.",
)
@click.option(
    "--inhouse-prefix",
    envvar="TRACER_INHOUSE_PREFIX",
    default=str(_SETTINGS["inhouse_prefix"]),
    show_default=True,
    help="What the house's own labels begin with.",
)
@click.option(
    "--forget-after",
    "forget_after_minutes",
    type=click.IntRange(1, 24 * 60),
    default=30,
    show_default=True,
    metavar="MINUTES",
    help="Ask for the wristband again after so long without a scan.",
)
@click.option("--baud", type=click.Choice([str(baud) for baud in BAUDS]), default="9600", show_default=True)
@click.option(
    "--terminator",
    type=click.Choice(list(TERMINATORS)),
    default="any",
    show_default=True,
    help="What the scanner sends after each code. any: CR, LF or TAB; none: it falls silent.",
)
@click.option(
    "--silence",
    "silence_ms",
    type=click.IntRange(20, 2000),
    default=100,
    show_default=True,
    metavar="MS",
    help="With --terminator none: how long a silence ends a code.",
)
@click.option(
    "--ca-file", type=click.Path(path_type=Path), help="The hospital's own certificate authority (PEM)."
)
@click.option(
    "--queue",
    type=click.Path(path_type=Path, file_okay=False),
    default=_default_queue,
    help="The folder that keeps what is not answered yet, on a disk of this machine.",
)
@click.option(
    "--device", default=lambda: socket.gethostname()[:100], callback=_name, help="This device's name."
)
@click.option("--quiet", is_flag=True, help="Only say what is wrong.")
def scanner_bridge(**given: Any) -> None:
    """Send what a serial or USB-COM scanner reads to the service, as one use and one charge each.

    Every scan is on this machine's disk before anything is said of it, is sent when the service can be
    reached, and is booked once. Exit status: 0 stopped by Ctrl-C or TERM, 2 something is to be put right.
    """
    # Imported here: the other commands need no serial port.
    from scanners.inhouse import InHouse
    from tracer.bridge.link import Token
    from tracer.bridge.running import Options, run

    try:
        labels = InHouse(prefix=given.pop("inhouse_prefix"))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--inhouse-prefix") from error
    run(
        Options(
            baud=int(given.pop("baud")),
            silence_seconds=given.pop("silence_ms") / 1000,
            forget_after_seconds=given.pop("forget_after_minutes") * 60.0,
            token=Token(given.pop("token_file"), os.environ.get(TOKEN, "")),
            labels=labels,
            **given,
        )
    )
