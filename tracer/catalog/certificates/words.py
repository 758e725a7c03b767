"""What certificates' states are called, in Chinese and in English."""

from __future__ import annotations

from typing import Final

from tracer.catalog.certificates.rules import CertificateStatus, Standing

STANDINGS: Final[dict[Standing, tuple[str, str]]] = {
    Standing.ENDED: ("已过期", "Ended"),
    Standing.ENDS_IN_30: ("30 天内到期", "Ends within 30 days"),
    Standing.ENDS_IN_90: ("90 天内到期", "Ends within 90 days"),
    Standing.UNKNOWN: ("有效期未知", "Validity unknown"),
    Standing.VALID: ("有效", "Valid"),
    Standing.ENDLESS: ("长期有效", "No last day"),
}
STATES: Final[dict[CertificateStatus, tuple[str, str]]] = {
    CertificateStatus.PROPOSED: ("待审批", "Proposed"),
    CertificateStatus.APPROVED: ("已批准", "Approved"),
    CertificateStatus.REPLACED: ("已被替代", "Replaced"),
    CertificateStatus.REJECTED: ("已退回", "Rejected"),
}


def standing_names(language: str) -> dict[Standing, str]:
    english = language.startswith("en")
    return {standing: names[english] for standing, names in STANDINGS.items()}
