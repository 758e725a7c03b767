"""A bridge as it runs at a workstation: a real process, a serial port, the real service on PostgreSQL."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.bridge.bench import Bridge, Scanner, Service, Wsgi, eventually
from tests.small_hospital import NURSE_STATION, STENT_DI, SYRINGE_DI, udi
from tracer.access.rules import Role
from tracer.cli import main

Start = Callable[..., Bridge]
STENT = udi(STENT_DI, lot="A1", serial="S1").encode()
SYRINGE = udi(SYRINGE_DI, lot="L1").encode()
BYTES = b"\x00\xff\xfe]d2\x1d\x80 "


def test_a_scan_is_one_use_and_one_charge_and_every_byte_arrives(
    bridge: Start, scanner: Scanner, service: Service
) -> None:
    here = bridge("--encounter", "E1", "--device", "护士站 3", terminal=True)
    here.until("扫码枪已连接")
    before = datetime.now(UTC).replace(microsecond=0)
    scanner.send(STENT + b"\r")
    here.until("#1 ✓ 已计费  冠脉支架 × 1  ¥12800.00")
    scanner.send(BYTES + b"\r\n\r\n\t")
    here.until("#2 ✗ 待处理")
    assert here.ctrl_c() == 0
    assert service.raws() == [STENT, BYTES]
    (scan, _) = service.ask(
        "SELECT s.scanned_at, s.device, e.ref, l.code FROM scan s JOIN encounter e ON e.id = s.encounter_id"
        " JOIN location l ON l.id = s.location_id ORDER BY s.id"
    )
    assert before <= scan.scanned_at <= datetime.now(UTC)
    assert (scan.device, scan.ref, scan.code) == ("护士站 3", "E1", NURSE_STATION)
    assert "#1 已存本机  → E1" in here.said
    assert here.said.count("\a") == 1
    assert here.lines[-1] == "已停止，0 条待发送，下次启动时发送"


def test_a_service_s_journal_names_no_patient_and_rings_no_bell(
    bridge: Start, scanner: Scanner, service: Service
) -> None:
    here = bridge("--encounter", "ZY0001", language="en_US.UTF-8")
    here.until("The scanner is connected")
    scanner.send(STENT + b"\r")
    here.until("#1 ✓ charged")
    scanner.send(STENT + b"x\r" + STENT + b"\r")
    here.until("#3 ✗ not to be used, nothing was booked")
    assert "already_used" in here.said
    assert here.ctrl_c(signal.SIGTERM) == 0
    assert "ZY0001" not in here.said and "S1" not in here.said and "\a" not in here.said


def test_what_was_scanned_while_the_service_was_away_is_sent_when_it_is_back(
    bridge: Start, scanner: Scanner, service: Service
) -> None:
    service.stop()
    here = bridge("--encounter", "E1", token=service.token())
    here.until("扫码枪已连接")
    codes = [udi(SYRINGE_DI, lot=f"L{n}").encode() for n in range(20)]
    for number, code in enumerate(codes, start=1):
        scanner.send(code + b"\r\n")
        here.until("已存本机", times=number)
    here.until("连不上服务器")
    assert here.ctrl_c() == 0
    assert here.lines[-1] == "已停止，20 条待发送，下次启动时发送"
    again = bridge("--encounter", "E2")
    again.until("上次留下 20 条待发送")
    scanner.send(SYRINGE + b"\r\n")
    again.until("#21 已存本机")
    service.start()
    again.until("#21 ✓")
    assert service.raws() == [*codes, SYRINGE]
    assert [row.ref for row in service.ask("SELECT ref FROM encounter ORDER BY ref")] == ["E1", "E2"]
    assert again.ctrl_c() == 0
    assert again.said.count("连不上服务器") == 1


def test_what_an_answer_was_lost_for_is_booked_once(
    bridge: Start, scanner: Scanner, service: Service
) -> None:
    lost: list[str] = []

    def lose(app: Wsgi, environ: dict[str, Any], answer: Any) -> Any:
        done = app(environ, answer)  # committed
        if len(lost) < 3:
            lost.append(environ["PATH_INFO"])
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        return done

    service.fault = lose
    here = bridge("--encounter", "E1")
    here.until("扫码枪已连接")
    scanner.send(SYRINGE + b"\r")
    here.until("#1 ✓ 已计费")
    assert len(lost) == 3
    assert service.raws() == [SYRINGE]
    assert service.ask("SELECT count(*) FROM charge")[0][0] == 1


def test_unplugged_it_waits_drops_the_half_and_goes_on(
    bridge: Start, scanner: Scanner, service: Service
) -> None:
    scanner.unplug()
    here = bridge("--encounter", "E1")
    here.until("扫码枪不在")
    time.sleep(1.5)  # looked for again, and not said again
    scanner.plug_in()
    here.until("扫码枪已连接")
    scanner.send(SYRINGE + b"\r" + SYRINGE[:20])
    here.until("#1 ✓ 已计费")
    scanner.unplug()
    here.until("扫到一半断开，已丢弃 20 字节")
    here.until("扫码枪不在", times=2)
    scanner.plug_in()
    here.until("扫码枪已连接", times=2)
    scanner.send(SYRINGE[20:] + b"\r" + STENT + b"\r")
    here.until("#3 ✓ 已计费")
    assert service.raws() == [SYRINGE, SYRINGE[20:], STENT]
    assert here.said.count("扫码枪不在") == 2


def test_a_megabyte_without_an_end_is_told_once_and_the_next_scan_is_whole(
    bridge: Start, scanner: Scanner, service: Service
) -> None:
    here = bridge("--encounter", "E1", "--terminator", "crlf")
    here.until("扫码枪已连接")
    scanner.send(b"0" * 1_000_000 + b"\r\n")
    here.until("而没有结束，不是条码，已丢弃")
    scanner.send(STENT + b"\r\n")
    here.until("#1 ✓ 已计费")
    assert service.raws() == [STENT]
    assert here.said.count("已丢弃") == 1


def test_without_a_terminator_silence_ends_a_scan(bridge: Start, scanner: Scanner, service: Service) -> None:
    here = bridge("--encounter", "E1", "--terminator", "none", "--silence", "80")
    here.until("扫码枪已连接")
    scanner.send(SYRINGE)
    here.until("#1 ✓ 已计费")
    scanner.send(STENT)
    here.until("#2 ✓ 已计费")
    assert service.raws() == [SYRINGE, STENT]


def test_a_double_pull_is_one_scan_and_said(bridge: Start, scanner: Scanner, service: Service) -> None:
    here = bridge("--encounter", "E1")
    here.until("扫码枪已连接")
    scanner.send(SYRINGE + b"\r" + SYRINGE + b"\r")
    here.until("同一次触发重复")
    time.sleep(0.4)
    scanner.send(SYRINGE + b"\r")
    here.until("#2 ✓ 已计费")
    assert service.raws() == [SYRINGE, SYRINGE]


def test_pieces_are_for_the_wristband_scanned_last(bridge: Start, scanner: Scanner, service: Service) -> None:
    with service.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO encounter (ref, location_id, confirmed, created_at)"
            " SELECT ref, id, true, now() FROM location, unnest(ARRAY['ZY0001', 'ZY0002']) AS ref"
            f" WHERE code = '{NURSE_STATION}'"
        )
    here = bridge(terminal=True)
    here.until("扫码枪已连接")
    for code, said in (
        (SYRINGE, "请先扫患者腕带"),
        (b"ZY0001", "患者 ZY0001"),
        (SYRINGE, "#1 ✓ 已计费"),
        (b"ZY0009", "#2 ✗ 待处理"),
        (b"ZY0002", "患者 ZY0002"),
        (STENT, "#3 ✓ 已计费"),
        (b"TRACER.NEXT", "请扫下一位患者的腕带"),
        (b"ZY0009", "ZY0009 是患者的腕带吗"),
        (b"TRACER.YES", "患者 ZY0009"),
        (udi(SYRINGE_DI, lot="L9").encode(), "#4 ✓ 已计费"),
    ):
        scanner.send(code + b"\r")
        here.until(said)
    service.stop()
    scanner.send(b"ZY0001\r")
    here.until("ZY0001 是患者的腕带吗？现在连不上服务器")
    scanner.send(b"ZY0009\r")
    here.until("是同一位患者")
    booked = service.ask(
        "SELECT e.ref, s.outcome FROM scan s JOIN encounter e ON e.id = s.encounter_id ORDER BY s.id"
    )
    assert [tuple(row) for row in booked] == [
        ("ZY0001", "charged"), ("ZY0001", "unresolved"), ("ZY0002", "charged"), ("ZY0009", "charged"),
    ]  # fmt: skip


def test_a_token_that_ended_keeps_the_scans_until_another_takes_its_place(
    bridge: Start, scanner: Scanner, service: Service, tmp_path: Path
) -> None:
    here = bridge("--encounter", "E1", token="trc_of_yesterday")
    here.until("扫码枪已连接")
    scanner.send(SYRINGE + b"\r")
    here.until("不接受令牌（not_signed_in）")
    (tmp_path / "token").write_text(service.token())
    scanner.send(STENT + b"\r")
    here.until("#2 ✓ 已计费")
    assert service.raws() == [SYRINGE, STENT]


def test_a_scan_that_is_never_taken_is_put_where_a_person_finds_it(
    bridge: Start, scanner: Scanner, service: Service, tmp_path: Path
) -> None:
    token = service.token(Role.NURSE, "/HOSP/SURG/", "bridge-of-surgery")
    here = bridge("--encounter", "E1", token=token)
    here.until("扫码枪已连接")
    scanner.send(SYRINGE + b"\r")
    here.until("#1 ✗ 服务器没有接受（unknown_location）")
    assert (tmp_path / "queue" / "refused.jsonl").read_text(encoding="utf-8").count("\n") == 1
    assert here.ctrl_c() == 0
    again = bridge("--encounter", "E1")
    again.until("1 条未被接受，见")
    assert service.raws() == []


def test_a_full_disk_is_said_and_the_scan_is_not_told_kept(
    scanner: Scanner, service: Service, tmp_path: Path
) -> None:
    """A queue that has no room for more, as where the disk is full."""
    here = Bridge(
        scanner,
        service.url,
        tmp_path,
        "--encounter",
        "E1",
        token=service.token(),
        program=("-m", "tests.bridge.full_disk"),
    )
    try:
        here.until("扫码枪已连接")
        scanner.send(b"0" * 16_000 + b"\r")
        here.until("没有记下，请排除故障后重扫")
        assert "已存本机" not in here.said
        scanner.send(SYRINGE + b"\r")
        here.until("#1 ✓ 已计费")
        assert here.ctrl_c() == 0
    finally:
        if here.process.poll() is None:
            here.kill()
    assert service.raws() == [SYRINGE]


def test_two_bridges_never_share_a_queue_or_a_scanner(
    bridge: Start, scanner: Scanner, service: Service, tmp_path: Path
) -> None:
    bridge("--encounter", "E1").until("扫码枪已连接")
    second = bridge("--encounter", "E1", "--queue", str(tmp_path / "another"))
    assert second.ended() == 2
    assert second.lines == [f"tracer: 串口 {scanner.path} 已被另一程序占用"]
    third = bridge("--encounter", "E1", "--port", str(tmp_path / "another scanner"))
    assert third.ended() == 2
    assert "正被另一个 scanner-bridge 使用" in third.said and third.said.count("\n") == 1


def test_a_half_scan_at_the_end_is_told(bridge: Start, scanner: Scanner, service: Service) -> None:
    here = bridge("--encounter", "E1")
    here.until("扫码枪已连接")
    scanner.send(STENT + b"\r" + SYRINGE[:9])
    here.until("#1 ✓ 已计费")
    assert here.ctrl_c() == 0
    assert "已丢弃 9 字节" in here.said
    assert service.raws() == [STENT]


def test_a_server_that_does_not_answer_holds_nobody_up_at_the_end(
    bridge: Start, scanner: Scanner, service: Service
) -> None:
    def hang(app: Wsgi, environ: dict[str, Any], answer: Any) -> Any:
        time.sleep(8)
        return app(environ, answer)

    service.fault = hang
    here = bridge("--encounter", "E1")
    here.until("扫码枪已连接")
    scanner.send(STENT + b"\r")
    eventually(lambda: bool(service.asked))
    began = time.monotonic()
    assert here.ctrl_c() == 0
    assert time.monotonic() - began < 6
    assert here.lines[-1] == "已停止，1 条待发送，下次启动时发送"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (("--server", "tracer.intranet"), "--server tracer.intranet：应为服务地址"),
        (
            ("--server", "https://x", "--ca-file", "/dev/null/ca.pem"),
            "--ca-file /dev/null/ca.pem：不能用作证书",
        ),
        (("--token-file", "/no/such/file"), "没有令牌（/no/such/file: No such file or directory）"),
        (("--location", "X\n"), "Invalid value for '--location'"),
        (("--encounter", ""), "Invalid value for '--encounter'"),
        (("--encounter-pattern", "["), "Invalid value for '--encounter-pattern'"),
        (("--inhouse-prefix", "ma"), "Invalid value for --inhouse-prefix"),
        (("--queue", "/dev/null/queue"), "--queue /dev/null/queue：不能使用"),
        (("--baud", "12345"), "Invalid value for '--baud'"),
    ],
)
def test_what_the_operator_can_put_right_is_told_in_one_line(
    wrong: tuple[str, ...],
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TRACER_TOKEN", "trc_secret")
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    given = [
        "--port", str(tmp_path / "none"), "--server", "http://127.0.0.1:9", "--location", NURSE_STATION,
        "--queue", str(tmp_path / "queue"),
    ]  # fmt: skip
    assert main(["scanner-bridge", *given, *wrong]) == 2
    _, err = capsys.readouterr()
    assert err.startswith(f"tracer: {told}")
    assert err.count("\n") == 1 and "trc_secret" not in err


def test_the_ports_are_listed_without_any_other_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scanner-bridge", "--list-ports"]) == 0
    out, err = capsys.readouterr()
    assert err == "" and all(line.count("\t") == 2 for line in out.splitlines())


def test_the_token_variable_is_no_setting_of_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    from tracer.settings import read_settings

    assert read_settings({**os.environ, "TRACER_TOKEN": "trc_x"}).port == 8000
