"""Whom the next piece is for: a patient set for good, or the one whose wristband was scanned last.

A scanner has no screen to ask a question on, so the answers are cards to scan: `TRACER.YES` for "yes, this
is a wristband", `TRACER.NEXT` for "done with this patient". A patient nobody scanned for is let go after a
while: the next piece is then for somebody else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from scanners.inhouse import CHECK_DIGITS, InHouse

YES, NEXT = "TRACER.YES", "TRACER.NEXT"
# What a consumable carries, as the scan page has it: a GTIN, alone or in front of more; symbols that hold
# nothing but GS1 data.
_OF_ITEMS = re.compile(r"[0-9]{12,14}|01[0-9]{14}.*|\](?:C1|d2|Q3|J1|e[0-9]|E[0-9]|I1).*", re.DOTALL)
_IDENTIFIER = re.compile(r"\][A-Za-z][0-9]")
# What a browser trims; Python alone would take a GS for blank, which belongs to a code.
_BLANK = "\t\n\v\f\r \u1680\u2028\u2029\ufeff"


@dataclass(frozen=True, slots=True)
class Wristbands:
    """How a wristband's number is told from a piece's code: by the same rule as on the scan page."""

    pattern: str
    labels: InHouse

    def ref_of(self, text: str) -> str | None:
        """The reference on a wristband, or None if this cannot be one."""
        folded = unicodedata.normalize("NFKC", text).strip(_BLANK)
        bare = _IDENTIFIER.sub("", folded, count=1) if folded.startswith("]") else folded
        label = f"{self.labels.prefix}[0-9]{{{self.labels.digits + CHECK_DIGITS}}}"
        if any(_OF_ITEMS.fullmatch(one) or re.fullmatch(label, one) for one in (folded, bare)):
            return None
        return bare if re.fullmatch(self.pattern, bare) else None


class Step(StrEnum):
    """What a scan means here."""

    PIECE = "piece"
    """A piece for the present patient."""
    PATIENT = "patient"
    SAME_PATIENT = "same_patient"
    LET_GO = "let_go"
    FORGOTTEN = "forgotten"
    SCAN_WRISTBAND = "scan_wristband"
    IS_IT_WRISTBAND = "is_it_wristband"
    CANNOT_ASK = "cannot_ask"
    NOTHING_TO_CONFIRM = "nothing_to_confirm"
    FIXED_PATIENT = "fixed_patient"


@dataclass
class FixedPatient:
    """Everything is for one encounter: `--encounter`."""

    ref: str | None
    asked: str | None = None
    forget_after_seconds: float = 0.0

    def take(self, text: str, now: float) -> Step:
        """What the scan means."""
        return Step.FIXED_PATIENT if text.strip(_BLANK) in (YES, NEXT) else Step.PIECE


@dataclass
class PatientByWristband:
    """`is_known(ref)` asks the service: True, False, or None if it cannot be asked."""

    wristbands: Wristbands
    is_known: Callable[[str], bool | None]
    forget_after_seconds: float
    ref: str | None = None
    asked: str | None = None
    _last: float = field(default=0.0)

    def take(self, text: str, now: float) -> Step:
        """What the scan means; `ref` and `asked` are as it leaves them."""
        is_late = self.ref is not None and now - self._last > self.forget_after_seconds
        if is_late:
            self.ref = self.asked = None
        self._last = now
        step = self._take(text)
        return Step.FORGOTTEN if is_late and step is Step.SCAN_WRISTBAND else step

    def _take(self, text: str) -> Step:
        text = text.strip(_BLANK)
        if text == NEXT:
            self.ref = self.asked = None
            return Step.LET_GO
        if text == YES:
            return self._open(self.asked) if self.asked is not None else Step.NOTHING_TO_CONFIRM
        ref = self.wristbands.ref_of(text)
        if ref is not None and ref == self.ref:
            self.asked = None
            return Step.SAME_PATIENT
        if ref is None:
            # While it is open whose wristband that was, a piece would be charged to one of two patients.
            if self.asked is not None and self.ref is not None:
                return Step.CANNOT_ASK
            return Step.PIECE if self.ref is not None else Step.SCAN_WRISTBAND
        known = self.is_known(ref)
        if known:
            return self._open(ref)
        if self.ref is not None and known is False and self.asked is None:
            return Step.PIECE  # a number of the piece's own, as on the scan page: it will be pending
        self.asked = ref
        return Step.CANNOT_ASK if known is None else Step.IS_IT_WRISTBAND

    def _open(self, ref: str) -> Step:
        self.ref, self.asked = ref, None
        return Step.PATIENT
