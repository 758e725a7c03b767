"""What biip makes of a text, in the shape of our own answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import biip
from biip.gs1_element_strings import GS1ElementStrings
from biip.gs1_messages import GS1Message

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Reading:
    """One thing that a text may say."""

    elements: Pairs
    expiry: date | None = None
    manufactured: date | None = None
    refused: frozenset[str] = frozenset()  # AIs whose number fails its check digit


@dataclass(frozen=True)
class Answer:
    """Everything biip finds: it tries several parsers on a text that does not say what it is."""

    message: Reading | None = None
    link: Reading | None = None
    gtin: str | None = None
    sscc: str | None = None
    raised: str | None = None

    @property
    def readings(self) -> list[Reading]:
        """Those without a wrong check digit."""
        found = [reading for reading in (self.message, self.link) if reading and not reading.refused]
        if self.gtin is not None and not self.message and not self.link:
            found.append(Reading((("01", self.gtin),)))
        return found


def _reading(strings: GS1ElementStrings) -> Reading:
    days = {string.ai.ai: string.date for string in strings}
    return Reading(
        tuple((string.ai.ai, string.value) for string in strings),
        days.get("17") or days.get("7003"),
        days.get("11"),
        frozenset(
            string.ai.ai for string in strings if string.gtin_error or string.gln_error or string.sscc_error
        ),
    )


def ask(text: str) -> Answer:
    """biip's answer. It reads bracketed text only where it is told to, so it is told."""
    try:
        if text.strip().startswith("("):
            return Answer(message=_reading(GS1Message.parse_hri(text).element_strings))
        result = biip.parse(text)
    except biip.ParseError as error:
        return Answer() if "(" in text[:2] else Answer(raised=type(error).__name__)
    except Exception as error:  # what it raises is an answer, too
        return Answer(raised=type(error).__name__)
    gtin = result.gtin.as_gtin_14() if result.gtin else None
    return Answer(
        _reading(result.gs1_message.element_strings) if result.gs1_message else None,
        _reading(result.gs1_digital_link_uri.element_strings) if result.gs1_digital_link_uri else None,
        gtin,
        result.sscc.value if result.sscc else None,
    )
