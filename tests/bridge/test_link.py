"""What an answer means; a link that never raises, whatever is at the other end."""

from __future__ import annotations

import json
import re
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import _missing
from tracer.bridge.errors import BadCertificates, BadServer, BadToken, NoToken
from tracer.bridge.link import Answer, Link, Server, Token, Verdict, _seconds, verdict_on_scan

TOKEN = Token(None, "trc_x")
BOOKED = {"scan": 1, "outcome": "charged"}


def problem(status: int, code: str) -> Answer:
    return Answer(status, {"code": code, "detail": "…"}, is_problem=True)


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (Answer(201, BOOKED), Verdict.ANSWERED),
        (Answer(200, BOOKED), Verdict.ANSWERED),
        (Answer(0, reason="no route"), Verdict.RETRY),
        (Answer(500), Verdict.RETRY),
        (problem(503, "unavailable"), Verdict.RETRY),
        (Answer(429), Verdict.RETRY),
        (Answer(408), Verdict.RETRY),
        (problem(409, "key_in_flight"), Verdict.RETRY),
        (problem(409, "conflict"), Verdict.REFUSED),
        (problem(401, "not_signed_in"), Verdict.NOT_ALLOWED),
        (problem(403, "forbidden"), Verdict.NOT_ALLOWED),
        (problem(422, "invalid_request"), Verdict.REFUSED),
        (problem(404, "unknown_location"), Verdict.REFUSED),
        # Something else at this address: what was scanned must not be thrown away on its word.
        (Answer(404), Verdict.NOT_TRACER),
        (Answer(422, {"detail": "no problem document"}), Verdict.NOT_TRACER),
        (Answer(200, {"welcome": True}), Verdict.NOT_TRACER),
        (Answer(200), Verdict.NOT_TRACER),
        (Answer(301, reason="https://elsewhere"), Verdict.NOT_TRACER),
    ],
)
def test_what_an_answer_means_for_the_scan(answer: Answer, verdict: Verdict) -> None:
    assert verdict_on_scan(answer) is verdict


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None), ("0", 0.0), ("7", 7.0), ("-3", 0.0), ("86400", 300.0), ("soon", None), ("", None),
        ("Thu, 01 Jan 1970 00:01:00 GMT", 50.0), ("Thu, 01 Jan 1970 00:00:01 GMT", 0.0), ("9" * 5000, None),
    ],
)  # fmt: skip
def test_how_long_the_server_asks_to_wait(header: str | None, seconds: float | None) -> None:
    assert _seconds(header, now=lambda: 10.0) == seconds


@pytest.mark.parametrize(
    "url",
    ["tracer.intranet", "ftp://x", "https://", "http://u:p@x", "https://x:port", "https://x/?a=1", "", "http://[::1"],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(BadServer):
        Server.at(url, None)


def test_an_address_is_read(tmp_path: Path) -> None:
    here = Server.at("http://127.0.0.1:8000/", None)
    assert (here.host, here.port, here.path, here.tls) == ("127.0.0.1", 8000, "", None)
    assert not here.is_open_to_listeners
    assert Server.at("http://tracer.intranet", None).is_open_to_listeners
    there = Server.at("https://tracer.intranet/ward/", None)
    assert (there.port, there.path, there.is_open_to_listeners) == (443, "/ward", False)
    assert there.tls is not None and there.tls.verify_mode is ssl.CERT_REQUIRED and there.tls.check_hostname
    for file in (tmp_path / "none.pem", tmp_path):
        with pytest.raises(BadCertificates):
            Server.at("https://tracer.intranet", file)


def test_a_token_is_read_anew_each_time(tmp_path: Path) -> None:
    file = tmp_path / "token"
    token = Token(file, "from the environment")
    with pytest.raises(NoToken):
        token.read()
    file.write_bytes(b"\xef\xbb\xbftrc_1\r\n")
    assert token.read() == "trc_1"
    file.write_text("trc_2")
    assert token.read() == "trc_2"
    for wrong in (b"two words", b"trc_1\r\nX-Evil: 1", "trc_ü".encode(), b"\x00"):
        file.write_bytes(wrong)
        with pytest.raises(BadToken):
            token.read()
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(NoToken):
        token.read()
    with pytest.raises(NoToken):
        Token(None, " ").read()
    assert "trc_x" not in repr(TOKEN)


def whole_request(connection: socket.socket) -> bytes:
    """Head and body, however they come in pieces, and not a byte of the next request."""
    request, length = b"", 0
    while not request.endswith(b"\r\n\r\n"):
        if not (byte := connection.recv(1)):
            return b""
        request += byte
    if head := re.search(rb"(?im)^Content-Length: *([0-9]+)", request):
        length = len(request) + int(head[1])
    while len(request) < length and (more := connection.recv(length - len(request))):
        request += more
    return request


@pytest.fixture
def other_end() -> Iterator[Callable[[Callable[[socket.socket, bytes], None]], int]]:
    """`other_end(behave)` listens; `behave(connection, request)` is called for each request."""
    listening: list[socket.socket] = []

    def listen(behave: Callable[[socket.socket, bytes], None]) -> int:
        server = socket.create_server(("127.0.0.1", 0))
        listening.append(server)

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=converse, args=(connection,), daemon=True).start()

        def converse(connection: socket.socket) -> None:
            with connection:
                try:
                    while request := whole_request(connection):
                        behave(connection, request)
                except OSError:
                    return

        threading.Thread(target=serve, daemon=True).start()
        return int(server.getsockname()[1])

    yield listen
    for server in listening:
        server.shutdown(socket.SHUT_RDWR)
        server.close()


def http(body: bytes, *headers: str, status: str = "201 Created") -> bytes:
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", *headers]
    if not any(line.startswith("Content-Length") for line in headers):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


GOOD = json.dumps(BOOKED).encode()


@pytest.mark.parametrize(
    "sent",
    [
        b"", b"\x00\xff" * 50, b"HTTP/1.1 two hundred\r\n\r\n", http(GOOD[:-1]),
        http(GOOD, "Content-Length: 99"),
        http(b"[" * 100_000), http(b"\xff\xfe"), http(b" " * 2_000_000),
        http(b"", "Transfer-Encoding: chunked", "Content-Length: 1") + b"zz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200,
    ],
)  # fmt: skip
def test_an_answer_that_broke_off_or_is_none_is_no_answer(other_end: Callable[..., int], sent: bytes) -> None:
    def behave(connection: socket.socket, request: bytes) -> None:
        connection.sendall(sent)
        connection.close()

    link = Link(Server.at(f"http://127.0.0.1:{other_end(behave)}", None), TOKEN, 2.0)
    for _ in range(2):
        answer = link.post("/api/v1/scans", "{}")
        assert verdict_on_scan(answer) is Verdict.RETRY
        assert answer.reason
    link.close()


def test_a_kept_connection_that_was_closed_meanwhile_costs_nothing(other_end: Callable[..., int]) -> None:
    asked: list[bytes] = []

    def behave(connection: socket.socket, request: bytes) -> None:
        asked.append(request)
        if len(asked) % 2 == 0:
            connection.close()  # as a server that was restarted
        else:
            connection.sendall(http(GOOD))

    link = Link(Server.at(f"http://127.0.0.1:{other_end(behave)}", None), TOKEN, 2.0)
    assert [link.post("/api/v1/scans", "{}").status for _ in range(3)] == [201, 201, 201]
    assert len(asked) == 5
    assert b"Authorization: Bearer trc_x\r\n" in asked[0]
    link.close()


def test_nobody_there_and_nobody_answering_are_no_answer(other_end: Callable[..., int]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    assert Link(Server.at(f"http://127.0.0.1:{port}", None), TOKEN).get("/").status == 0
    silent = Link(Server.at(f"http://127.0.0.1:{other_end(lambda *_: None)}", None), TOKEN, 0.2)
    assert (silent.get("/").status, silent.get("/").reason) == (0, "timed out")
    nowhere = Link(Server.at(f"http://{'a' * 64}.invalid", None), TOKEN)
    assert nowhere.get("/").status == 0
    silent.close()


def test_without_a_token_nothing_is_asked(tmp_path: Path, other_end: Callable[..., int]) -> None:
    asked: list[bytes] = []
    port = other_end(lambda connection, request: asked.append(request))
    answer = Link(Server.at(f"http://127.0.0.1:{port}", None), Token(tmp_path / "gone")).get("/")
    assert verdict_on_scan(answer) is Verdict.NOT_ALLOWED
    assert asked == []


def test_a_redirect_is_not_followed(other_end: Callable[..., int]) -> None:
    asked: list[bytes] = []
    elsewhere = other_end(lambda connection, request: asked.append(request))
    moved = http(b"", f"Location: http://127.0.0.1:{elsewhere}/", status="307 Temporary Redirect")
    port = other_end(lambda connection, request: connection.sendall(moved))
    link = Link(Server.at(f"http://127.0.0.1:{port}", None), TOKEN)
    answer = link.post("/api/v1/scans", "{}")
    assert verdict_on_scan(answer) is Verdict.NOT_TRACER
    assert answer.detail == f"http://127.0.0.1:{elsewhere}/"
    assert asked == []
    link.close()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of the house's own for localhost, with its key in the same file."""
    openssl = shutil.which("openssl") or _missing("OpenSSL", "sudo apt-get install -y openssl")
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(
        [
            openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", folder / "key.pem", "-out", folder / "cert.pem", "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    both = folder / "both.pem"
    both.write_bytes((folder / "cert.pem").read_bytes() + (folder / "key.pem").read_bytes())
    return both


def test_only_a_certificate_that_is_trusted_and_names_the_host_gets_the_token(certificate: Path) -> None:
    asked: list[bytes] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(connection, server_side=True) as secure:
                    asked.append(whole_request(secure))
                    secure.sendall(http(GOOD, "Connection: close"))
            except OSError:
                continue

    threading.Thread(target=serve, daemon=True).start()
    try:
        stranger = Link(Server.at(f"https://localhost:{port}", None), TOKEN, 5.0).get("/")
        other_name = Link(Server.at(f"https://127.0.0.1:{port}", certificate), TOKEN, 5.0).get("/")
        for refused in (stranger, other_name):
            assert refused.status == 0 and refused.reason.startswith("certificate: ")
        assert asked == []
        trusted = Link(Server.at(f"https://localhost:{port}", certificate), TOKEN, 5.0)
        assert verdict_on_scan(trusted.post("/api/v1/scans", "{}")) is Verdict.ANSWERED
        trusted.close()
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
