"""The scanner's port: found, opened, read in a thread of its own, and opened again after it was unplugged."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import serial
from serial.tools import list_ports

from tracer.bridge.errors import ManyScanners, PortNotAllowed, PortTaken
from tracer.bridge.framing import Dropped, Framer, Piece, Pulled

try:
    from termios import error as TerminalError
except ImportError:  # Windows
    TerminalError = OSError  # type: ignore[misc, assignment]

# What pyserial raises when a device goes away: its own errors are OSErrors, and some of the system's pass.
PORT_ERRORS = (OSError, TerminalError)
AUTO = "auto"
LOOK_AGAIN_SECONDS = 1.0
_STOP_WITHIN_SECONDS = 0.25
_TAKEN = {errno.EAGAIN, errno.EBUSY}


@dataclass(frozen=True, slots=True)
class Found:
    """A serial port of this machine. `identity` is the same after it was plugged in elsewhere."""

    path: str
    description: str
    identity: tuple[int | None, int | None, str | None]

    @property
    def is_usb(self) -> bool:
        return self.identity[0] is not None


@dataclass(frozen=True, slots=True)
class Scanned:
    """A pull, with the time of day it ended at."""

    pull: Pulled
    at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    path: str


@dataclass(frozen=True, slots=True)
class Away:
    """The port cannot be opened, or went away; it is looked for until it is there."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Broken:
    """The reading thread met something nobody foresaw."""

    error: Exception


Event = Scanned | Dropped | Opened | Away | Broken


def list_serial_ports() -> list[Found]:
    """The machine's serial ports, by path."""
    return [
        Found(port.device, port.description or "", (port.vid, port.pid, port.serial_number))
        for port in sorted(list_ports.comports(), key=lambda port: str(port.device))
    ]


@dataclass(slots=True)
class Whereabouts:
    """Which path to open: the one that was named, or with `auto` the one USB serial port there is.

    `auto` stays with the scanner it found first: what else is plugged in later is none.
    """

    port: str
    _identity: tuple[int | None, int | None, str | None] | None = None

    def find(self) -> str:
        """The path. Raises ManyScanners, and OSError if no scanner is plugged in."""
        if self.port != AUTO:
            return self.port
        found = [port for port in list_serial_ports() if port.is_usb]
        if self._identity is not None:
            found = [port for port in found if port.identity == self._identity][:1]
        if len(found) > 1:
            raise ManyScanners(ports=", ".join(port.path for port in found))
        for port in found:
            self._identity = port.identity
            return port.path
        raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))


def check_port(port: str, baud: int) -> None:
    """Raise what an operator must put right before anything can be read.

    A port that is not there is no such thing: it is waited for. Raises ManyScanners, PortTaken,
    PortNotAllowed.
    """
    path = port
    try:
        path = Whereabouts(port).find()
        open_port(path, baud, 0).close()
    except PORT_ERRORS as error:
        number = getattr(error, "errno", None)
        if number in _TAKEN:
            raise PortTaken(port=path) from error
        if number == errno.EACCES:
            raise PortNotAllowed(port=path) from error


def open_port(path: str, baud: int, timeout_seconds: float) -> serial.Serial:
    """The port, for this program alone: two readers would each get a part of a scan."""
    return serial.Serial(path, baud, timeout=timeout_seconds, exclusive=True)


@dataclass
class Reading:
    """The thread that reads. It does nothing slow, so that the times of arrival are true."""

    whereabouts: Whereabouts
    baud: int
    make_framer: Callable[[], Framer]
    silence_seconds: float
    give: Callable[[Event], None]
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def begin(self) -> None:
        self._thread = threading.Thread(target=self._run, name="reading", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop. What was complete has been given by then, what had only begun is told."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _run(self) -> None:
        is_told = False
        try:
            while not self._stop.is_set():
                path, reason = self.whereabouts.port, "-"
                try:
                    path = self.whereabouts.find()
                    with open_port(path, self.baud, self._timeout_seconds()) as port:
                        self.give(Opened(path))
                        is_told = False
                        self._read(port)
                except PORT_ERRORS as error:
                    reason = _reason(error)
                except ManyScanners as error:
                    reason = error.format_message()
                if not is_told and not self._stop.is_set():
                    self.give(Away(path, reason))
                    is_told = True
                self._stop.wait(LOOK_AGAIN_SECONDS)
        except Exception as error:  # a bridge that is deaf must not look alive
            self.give(Broken(error))

    def _timeout_seconds(self) -> float:
        return min(self.silence_seconds, _STOP_WITHIN_SECONDS)

    def _read(self, port: serial.Serial) -> None:
        """Read until told to stop. Raises PORT_ERRORS when the port went away."""
        framer = self.make_framer()
        try:
            while not self._stop.is_set():
                asked_at = time.monotonic()
                # Never more than is there: pyserial loses what it read before an error.
                chunk = port.read(port.in_waiting or 1)
                if chunk:
                    self._give_all(framer.feed(chunk, time.monotonic()))
                else:
                    self._give_all(framer.quiet(asked_at + self._timeout_seconds()))
        finally:
            self._give_all(framer.cut())

    def _give_all(self, pieces: list[Piece]) -> None:
        for piece in pieces:
            if isinstance(piece, Pulled):
                self.give(Scanned(piece, datetime.now().astimezone()))
            else:
                self.give(piece)


def _reason(error: Exception) -> str:
    number = getattr(error, "errno", None)
    return os.strerror(number) if number else str(error)
