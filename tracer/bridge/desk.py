"""One scan after the other: a command, a wristband, or a piece that is kept to be sent."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from tracer.bridge.framing import Pulled
from tracer.bridge.link import Answer
from tracer.bridge.patients import FixedPatient, PatientByWristband, Step
from tracer.bridge.ports import Scanned
from tracer.bridge.telling import Teller
from tracer.bridge.waiting import NotKept, Waiting

# Two identical scans closer than this are one pull of the trigger, as on the scan page.
DOUBLE_SECONDS = 0.3
ENCOUNTERS = "/api/v1/encounters/"


def known_by(get: Callable[[str], Answer]) -> Callable[[str], bool | None]:
    """Whether the service knows an encounter: True, False, or None where it could not be asked."""

    def is_known(ref: str) -> bool | None:
        answer = get(ENCOUNTERS + quote(ref, safe=""))
        if answer.status == 200 and answer.body is not None and "known" in answer.body:
            return answer.body["known"] is True
        return False if answer.is_problem and answer.status in {404, 422} else None

    return is_known


@dataclass
class Desk:
    """Where scans arrive. `wake` is called when there is something to send."""

    patient: FixedPatient | PatientByWristband
    waiting: Waiting
    teller: Teller
    wake: Callable[[], None]
    location: str
    device: str
    _last: Pulled | None = None

    def take(self, scanned: Scanned) -> None:
        """Do what a scan says, and tell it in a line."""
        pull, before = scanned.pull, self._last
        self._last = pull
        if before is not None and pull.raw == before.raw and pull.began - before.ended <= DOUBLE_SECONDS:
            self.teller.tell("double")
            return
        step = self.patient.take(pull.raw.decode("utf-8", "replace"), pull.ended)
        if step is Step.PIECE:
            self._keep(scanned)
        else:
            shown = self.teller.of_patient(self.patient.asked or self.patient.ref or "")
            minutes = round(self.patient.forget_after_seconds / 60)
            self.teller.tell(step.value, patient=shown, minutes=minutes)

    def _keep(self, scanned: Scanned) -> None:
        key = str(uuid.uuid4())
        body = {
            "idempotency_key": key,
            "raw_b64": base64.b64encode(scanned.pull.raw).decode(),
            "location": self.location,
            "encounter": self.patient.ref,
            "scanned_at": scanned.at.isoformat(timespec="milliseconds"),
            "device": self.device,
        }
        shown = self.teller.of_patient(f"  → {self.patient.ref}") if self.teller.is_terminal else ""
        try:
            self.waiting.add(
                key,
                json.dumps(body),
                lambda number: self.teller.tell("kept", number=number, patient=shown),
            )
        except NotKept as error:
            self.teller.tell("not_kept", reason=error)
        self.wake()
