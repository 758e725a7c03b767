"""Whom a piece is for: never a guess between two patients."""

from __future__ import annotations

import pytest

from scanners.inhouse import InHouse, make
from tests.small_hospital import STENT_DI, udi
from tracer.bridge.patients import NEXT, YES, FixedPatient, PatientByWristband, Step, Wristbands
from tracer.settings import Settings

WRISTBANDS = Wristbands(Settings().encounter_pattern, InHouse())
STENT = udi(STENT_DI, lot="A1", serial="S1")
KNOWN, KNOWN_TOO, UNKNOWN = "ZY20260301", "ZY20260302", "ZY20269999"
MINUTE = 60.0


class Hospital:
    """Who is known; `None` while it cannot be asked."""

    def __init__(self) -> None:
        self.is_there = True

    def knows(self, ref: str) -> bool | None:
        return ref in (KNOWN, KNOWN_TOO) if self.is_there else None


@pytest.fixture
def hospital() -> Hospital:
    return Hospital()


@pytest.fixture
def patient(hospital: Hospital) -> PatientByWristband:
    return PatientByWristband(WRISTBANDS, hospital.knows, 30 * MINUTE)


def steps(patient: PatientByWristband, *texts: str) -> list[Step]:
    return [patient.take(text, float(at)) for at, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        (KNOWN, KNOWN), ("]C0" + KNOWN, KNOWN), ("ＺＹ２０２６０３０１", KNOWN), (f" {KNOWN} ", KNOWN),
        ("12345678901", "12345678901"), ("abc", None), ("a" * 33, None), ("", None),
        ("06901234567892", None), ("6901234567892", None), ("690123456789", None), ("]E06901234567892", None),
        ("]C1" + KNOWN, None), ("]d2" + KNOWN, None), (STENT, None), ("0106901234567892", None),
        ("01069012345678921728113010A", None), (make(42), None), ("]C0" + make(42), None),
        ("TR123", "TR123"), ("+H123ABC01234567890D", None), ("MA.156.M0.100", None), (YES, None),
    ],
)  # fmt: skip
def test_a_wristband_is_told_from_a_piece_as_on_the_scan_page(text: str, ref: str | None) -> None:
    assert WRISTBANDS.ref_of(text) == ref


def test_pieces_are_for_the_wristband_scanned_last(patient: PatientByWristband) -> None:
    assert steps(patient, STENT, KNOWN, STENT, make(1), KNOWN) == [
        Step.SCAN_WRISTBAND, Step.PATIENT, Step.PIECE, Step.PIECE, Step.SAME_PATIENT,
    ]  # fmt: skip
    assert patient.ref == KNOWN
    assert steps(patient, KNOWN_TOO, STENT) == [Step.PATIENT, Step.PIECE]
    assert patient.ref == KNOWN_TOO
    assert steps(patient, NEXT, STENT) == [Step.LET_GO, Step.SCAN_WRISTBAND]
    assert patient.ref is None


def test_a_number_nobody_knows_is_a_patient_only_by_the_card(patient: PatientByWristband) -> None:
    assert steps(patient, UNKNOWN, STENT) == [Step.IS_IT_WRISTBAND, Step.SCAN_WRISTBAND]
    assert patient.ref is None
    assert steps(patient, YES) == [Step.PATIENT]
    assert patient.ref == UNKNOWN
    assert steps(patient, YES) == [Step.NOTHING_TO_CONFIRM]


def test_a_number_nobody_knows_is_a_piece_s_own_while_a_patient_is_served(
    patient: PatientByWristband,
) -> None:
    assert steps(patient, KNOWN, "REF-0042", STENT) == [Step.PATIENT, Step.PIECE, Step.PIECE]
    assert patient.ref == KNOWN


def test_while_the_server_is_away_no_piece_is_booked_between_two_wristbands(
    patient: PatientByWristband, hospital: Hospital
) -> None:
    steps(patient, KNOWN)
    hospital.is_there = False
    assert steps(patient, STENT, KNOWN_TOO, STENT) == [Step.PIECE, Step.CANNOT_ASK, Step.CANNOT_ASK]
    assert patient.ref == KNOWN and patient.asked == KNOWN_TOO
    # Either answer goes on.
    assert steps(patient, YES, STENT) == [Step.PATIENT, Step.PIECE]
    assert patient.ref == KNOWN_TOO
    assert steps(patient, KNOWN, KNOWN_TOO, STENT) == [Step.CANNOT_ASK, Step.SAME_PATIENT, Step.PIECE]
    assert patient.ref == KNOWN_TOO


def test_a_patient_is_let_go_when_nothing_was_scanned_for_long(patient: PatientByWristband) -> None:
    assert patient.take(KNOWN, 0) is Step.PATIENT
    assert patient.take(STENT, 29 * MINUTE) is Step.PIECE
    assert patient.take(STENT, 58 * MINUTE) is Step.PIECE
    assert patient.take(STENT, 89 * MINUTE) is Step.FORGOTTEN
    assert patient.take(STENT, 89 * MINUTE) is Step.SCAN_WRISTBAND
    assert patient.take(KNOWN, 90 * MINUTE) is Step.PATIENT
    assert patient.take(KNOWN_TOO, 200 * MINUTE) is Step.PATIENT


def test_with_a_fixed_patient_cards_do_nothing() -> None:
    patient = FixedPatient("E1")
    assert [patient.take(text, 0) for text in (STENT, KNOWN, YES, NEXT)] == [
        Step.PIECE, Step.PIECE, Step.FIXED_PATIENT, Step.FIXED_PATIENT,
    ]  # fmt: skip
