"""The bridge as a whole: begun, fed with what happens, and ended with nothing half done."""

from __future__ import annotations

import os
import queue
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scanners.inhouse import InHouse
from tracer.bridge.desk import Desk, known_by
from tracer.bridge.framing import Dropped, Framer
from tracer.bridge.link import Link, Server, Token
from tracer.bridge.patients import FixedPatient, PatientByWristband, Wristbands
from tracer.bridge.ports import Away, Broken, Event, Opened, Reading, Scanned, Whereabouts, check_port
from tracer.bridge.sending import Sending
from tracer.bridge.telling import Teller
from tracer.bridge.waiting import Waiting

# How long a scan waits for the word whether it is a wristband, as on the scan page.
PATIENCE_SECONDS = 2.5
_ENDING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line says."""

    port: str
    baud: int
    terminator: str
    silence_seconds: float
    server: str
    ca_file: Path | None
    token: Token
    location: str
    device: str
    encounter: str | None
    encounter_pattern: str
    labels: InHouse
    forget_after_seconds: float
    queue: Path
    quiet: bool


class Stop:
    """Somebody wants the bridge to end."""


def run(options: Options) -> None:
    """Bridge until told to stop. Raises CannotBridge before anything is read."""
    teller = Teller(sys.stdout, options.quiet)
    server = Server.at(options.server, options.ca_file)
    options.token.read()
    check_port(options.port, options.baud)
    waiting = Waiting(options.queue)
    _tell_beginning(options, server, waiting, teller)

    # Its `put` may be called by a signal's handler, whatever was interrupted.
    events: queue.SimpleQueue[Event | Stop] = queue.SimpleQueue()
    sending = Sending(
        waiting,
        Link(server, options.token).post,
        teller,
        options.server,
        on_broken=lambda error: events.put(Broken(error)),
    )
    reading = Reading(
        Whereabouts(options.port),
        options.baud,
        lambda: Framer(options.terminator, options.silence_seconds),
        options.silence_seconds,
        events.put,
    )
    desk = Desk(_patient(options, server), waiting, teller, sending.wake, options.location, options.device)
    with _told_to_stop(lambda: events.put(Stop())):
        reading.begin()
        sending.begin()
        try:
            _serve(events, desk, teller)
        finally:
            reading.end()
            _drain(events, desk, teller)
            _tell_end(waiting, teller)
            if sending.end():
                waiting.close()


def _patient(options: Options, server: Server) -> FixedPatient | PatientByWristband:
    if options.encounter is not None:
        return FixedPatient(options.encounter)
    return PatientByWristband(
        Wristbands(options.encounter_pattern, options.labels),
        known_by(Link(server, options.token, PATIENCE_SECONDS).get),
        options.forget_after_seconds,
    )


def _serve(events: queue.SimpleQueue[Event | Stop], desk: Desk, teller: Teller) -> None:
    while True:
        try:
            event = events.get(timeout=0.5)  # on Windows a signal's handler runs only between two waits
        except queue.Empty:
            continue
        if isinstance(event, Stop):
            return
        _handle(event, desk, teller)


def _drain(events: queue.SimpleQueue[Event | Stop], desk: Desk, teller: Teller) -> None:
    """What was scanned before the end is kept."""
    while not events.empty():
        event = events.get()
        if not isinstance(event, Stop | Broken):
            _handle(event, desk, teller)


def _handle(event: Event, desk: Desk, teller: Teller) -> None:
    match event:
        case Scanned():
            desk.take(event)
        case Dropped(why, length):
            teller.tell(why.value, length=length)
        case Opened(path):
            teller.tell("opened", port=path)
        case Away(path, reason):
            teller.tell("away", port=path, reason=reason)
        case Broken(error):
            raise error


def _tell_beginning(options: Options, server: Server, waiting: Waiting, teller: Teller) -> None:
    teller.tell("ready", server=options.server, location=options.location)
    if server.is_open_to_listeners:
        teller.tell("plain_http", server=options.server)
    file = options.token.file
    if file is not None and os.name == "posix" and file.stat().st_mode & 0o077:
        teller.tell("token_readable", file=file)
    if number := waiting.count():
        teller.tell("from_before", waiting=number)
    if number := waiting.count_refused():
        teller.tell("refused_file", number=number, file=waiting.refused_file)


def _tell_end(waiting: Waiting, teller: Teller) -> None:
    teller.tell("bye", waiting=waiting.count())


@contextmanager
def _told_to_stop(stop: Callable[[], None]) -> Iterator[None]:
    """Ctrl-C and a service manager's TERM end the bridge between two scans, never within one."""
    before = {number: signal.signal(number, lambda *_: stop()) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
