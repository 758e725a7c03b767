"""A real HTTP server that another system could be: it answers what a test tells it to, and remembers."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Message:
    """One request as it came, before it was answered."""

    id: str
    second: int
    signature: str
    body: bytes
    headers: dict[str, str]
    path: str
    arrived: float = field(default_factory=time.monotonic)

    @property
    def content(self) -> dict[str, Any]:
        return json.loads(self.body)

    @property
    def item(self) -> int | None:
        return self.content["item"]

    @property
    def sequence(self) -> int:
        return self.content["sequence"]


@dataclass
class Reply:
    """What is answered: a status with headers and words; or nothing, after so long; or a line that is cut."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    words: bytes = b""
    hang: float = 0.0
    close: bool = False
    drip: bool = False
    """One header after another, for ever: never silent for long, never done."""


class Receiver(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._tls = tls
        self.reply: Callable[[Message], Reply] = lambda message: Reply()
        self.messages: list[Message] = []
        self.lock = threading.Lock()
        self.ended = threading.Event()

    @property
    def url(self) -> str:
        return f"http{'s' if self._tls else ''}://127.0.0.1:{self.server_address[1]}/hear"

    def get_request(self) -> tuple[socket.socket, Any]:
        line, address = super().get_request()
        if self._tls is None:
            return line, address
        return self._tls.wrap_socket(line, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # a deliverer that was killed, or that does not trust us

    def taken(self) -> list[Message]:
        """What came, each id once, in the order of its first arrival."""
        with self.lock:
            return list({message.id: message for message in reversed(self.messages)}.values())[::-1]

    def by_item(self) -> dict[int | None, list[int]]:
        """The sequence numbers of each item's messages, in the order in which they came, repeats and all."""
        found: dict[int | None, list[int]] = defaultdict(list)
        with self.lock:
            for message in self.messages:
                found[message.item].append(message.sequence)
        return dict(found)


@contextmanager
def receiving(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    server = Receiver(tls)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.ended.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Receiver
    wbufsize = -1  # one packet an answer
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if len(body) < int(self.headers["Content-Length"]):
            self.close_connection = True  # the sender was killed in the middle
            return
        message = Message(
            self.headers["webhook-id"],
            int(self.headers["webhook-timestamp"]),
            self.headers["webhook-signature"],
            body,
            {name.lower(): value for name, value in self.headers.items()},
            self.path,
        )
        with self.server.lock:
            self.server.messages.append(message)
        reply = self.server.reply(message)
        if reply.hang:
            self.server.ended.wait(reply.hang)
        if reply.close:
            self.close_connection = True
            return
        self.send_response(reply.status)
        if reply.drip:
            self.flush_headers()
            while not self.server.ended.wait(0.1):
                self.wfile.write(b"X-More: 1\r\n")
                self.wfile.flush()
            return
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.status != 204:
            self.send_header("Content-Length", str(len(reply.words)))
        self.end_headers()
        if reply.status != 204:
            self.wfile.write(reply.words)

    def log_message(self, *arguments: Any) -> None:
        pass
