"""Many devices on one thread: keep-alive sockets, requests made beforehand, as little work as can be.

The client shares the machine with the server it measures, so what it costs is taken from the server.
"""

from __future__ import annotations

import selectors
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter


@dataclass(slots=True)
class _Device:
    link: socket.socket
    sent_at: float = 0.0
    got: bytes = b""


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds each answer took, in order of arrival; how long it all took; how many were as wanted."""

    seconds: list[float]
    took: float
    good: int

    @property
    def rate(self) -> float:
        return len(self.seconds) / self.took

    def percentile_ms(self, share: float) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000


def post(path: str, body: bytes, token: str) -> bytes:
    """The bytes of one request."""
    head = f"POST {path} HTTP/1.1\r\nHost: tracer\r\nAuthorization: Bearer {token}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def run(port: int, requests: Sequence[bytes], devices: int, wanted: bytes) -> Measured:
    """Send all requests, `devices` at a time, and wait for every answer; one with `wanted` in it is good."""
    waiting = iter(requests)
    seconds: list[float] = []
    good = 0
    with selectors.DefaultSelector() as ready:
        began = perf_counter()
        busy = sum(_send_next(device, waiting, ready) for device in _devices(port, devices))
        while busy:
            for key, _ in ready.select():
                device: _Device = key.data
                device.got += device.link.recv(65536)
                if _is_whole(device.got):
                    seconds.append(perf_counter() - device.sent_at)
                    good += wanted in device.got
                    ready.unregister(device.link)
                    busy -= not _send_next(device, waiting, ready)
        return Measured(seconds, perf_counter() - began, good)


def _devices(port: int, number: int) -> Iterator[_Device]:
    for _ in range(number):
        link = socket.create_connection(("127.0.0.1", port))
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield _Device(link)


def _send_next(device: _Device, waiting: Iterator[bytes], ready: selectors.BaseSelector) -> bool:
    request = next(waiting, None)
    if request is None:
        device.link.close()
        return False
    device.got, device.sent_at = b"", perf_counter()
    device.link.sendall(request)
    ready.register(device.link, selectors.EVENT_READ, device)
    return True


def _is_whole(got: bytes) -> bool:
    if not got:
        raise ConnectionError("the server closed the connection")
    head, end, body = got.partition(b"\r\n\r\n")
    if not end:
        return False
    length = head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]
    return len(body) >= int(length)
