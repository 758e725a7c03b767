"""Which port is the scanner's."""

from __future__ import annotations

import errno
from dataclasses import dataclass

import pytest
from serial.tools import list_ports

from tracer.bridge import ports
from tracer.bridge.errors import ManyScanners, PortNotAllowed, PortTaken
from tracer.bridge.ports import AUTO, Whereabouts, check_port, list_serial_ports


@dataclass
class Plugged:
    """As pyserial describes a port."""

    device: str
    vid: int | None = 0x0C2E
    pid: int | None = 0x0901
    serial_number: str | None = "S1"
    description: str | None = None


BUILT_IN = Plugged("/dev/ttyS0", None, None, None)
PUMP = Plugged("/dev/ttyUSB0", 0x0403, 0x6001, "P1")


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> list[Plugged]:
    """What is plugged in, to be changed."""
    plugged = [BUILT_IN]
    monkeypatch.setattr(list_ports, "comports", lambda: list(plugged))
    return plugged


def test_auto_takes_the_one_usb_port_there_is(machine: list[Plugged]) -> None:
    where = Whereabouts(AUTO)
    with pytest.raises(OSError) as none:
        where.find()
    assert none.value.errno == errno.ENODEV
    machine.append(Plugged("/dev/ttyACM0"))
    assert where.find() == "/dev/ttyACM0"
    assert [port.is_usb for port in list_serial_ports()] == [True, False]


def test_auto_stays_with_its_scanner_wherever_it_is_plugged_in_again(machine: list[Plugged]) -> None:
    where = Whereabouts(AUTO)
    machine.append(Plugged("/dev/ttyACM0"))
    where.find()
    machine[1:] = [PUMP]
    with pytest.raises(OSError):
        where.find()  # the infusion pump is no scanner
    machine.append(Plugged("/dev/ttyACM3"))
    assert where.find() == "/dev/ttyACM3"


def test_auto_does_not_choose_between_two(machine: list[Plugged]) -> None:
    machine += [Plugged("/dev/ttyACM0"), PUMP]
    with pytest.raises(ManyScanners, match=r"/dev/ttyACM0, /dev/ttyUSB0"):
        Whereabouts(AUTO).find()
    with pytest.raises(ManyScanners):
        check_port(AUTO, 9600)
    assert Whereabouts("/dev/ttyUSB0").find() == "/dev/ttyUSB0"


@pytest.mark.parametrize(
    ("number", "refusal"),
    [
        (errno.EACCES, PortNotAllowed),
        (errno.EBUSY, PortTaken),
        (errno.EAGAIN, PortTaken),
        (errno.ENOENT, None),
    ],
)
def test_what_a_person_must_put_right_is_refused_and_what_comes_back_is_waited_for(
    number: int, refusal: type[Exception] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, "no")

    monkeypatch.setattr(ports, "open_port", refuse)
    if refusal is None:
        check_port("/dev/ttyACM0", 9600)
    else:
        with pytest.raises(refusal):
            check_port("/dev/ttyACM0", 9600)
