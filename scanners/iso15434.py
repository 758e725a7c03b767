"""ISO/IEC 15434: ``[)>`` RS, envelopes each of a format and closed by RS, EOT.

Read are format 05, ``05`` GS and the elements of GS1, and format 06, ``06`` GS and the data identifiers of
MH10 divided by GS; both may stand in one message and speak of the same piece, so a lot, serial
or date that both give must agree. Envelopes of other formats are passed over.

A GTIN, wherever it stands, makes the message one of GS1. Without it nobody is named whose codes
this package reads: IFA's PPN (``9N``), the article numbers of other trades, or nothing. Then the
fields are shown for a person and the error is ``not_a_udi``. HIBC has no form in envelopes: its
standard puts the ``+`` string into a symbol as it is.

Scanners lose RS and EOT, which no keyboard types, or write them out (``<RS>``, ``{EOT}``, ``\\x1e`` ..).
Written out, they are put back (repair ``separators_restored``). Lost, they are missed only where
that is certain (``envelope_completed``): an RS in the head if ``05`` or ``06`` and GS follow; one of the
two at the end; both if the last element cannot have been cut, having a fixed length or a check.
Otherwise the text may end anywhere: ``truncated``.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from scanners.data_identifiers import (
    AGREED_DATE,
    DATES,
    NEVER_SHORT,
    PPN,
    Field,
    gtin_of,
    meaning,
    split_fields,
)
from scanners.gs1.dictionary import IDENTIFIERS
from scanners.gs1.elements import GS, Element, split_elements
from scanners.gs1.reading import NO_DATE_REPAIR, read_elements
from scanners.scan import ErrorCode, ParseError, Scan

HEAD = "[)>"
RS, EOT = "\x1e", "\x04"
SEPARATORS_RESTORED = "separators_restored"
ENVELOPE_COMPLETED = "envelope_completed"

_WRITTEN = re.compile(r"[<{\[](GS|RS|EOT)[>}\]]|\\x(1d|1e|04)|\\u00(1d|1e|04)|~d0(29|30|04)", re.IGNORECASE)
_MEANT = {"gs": GS, "1d": GS, "29": GS, "rs": RS, "1e": RS, "30": RS, "eot": EOT, "04": EOT}
_HEAD_GOES_ON = re.compile(f"0[56]{GS}")
_FORMAT = re.compile("[0-9]{2}")
_GTIN = IDENTIFIERS["01"]
_PRODUCTION = ("lot", "serial", "expiry", "manufactured")
_MISSING = frozenset((ErrorCode.MISSING_DI, ErrorCode.EMPTY))


def read_iso15434(
    raw: str,
    symbology: str | None,
    text: str,
    start: int,
    end: int,
    this_year: int,
    repairs: tuple[str, ...],
) -> Scan:
    """The message that ``text[start:end]`` is, its separators put back if they were written out."""
    restored = _restore_separators(text, start, end)
    if restored is None:
        return _read_message(raw, symbology, text, start, end, this_year, repairs)
    plain, origin = restored
    repairs = (*repairs, SEPARATORS_RESTORED)
    scan = _read_message(raw, symbology, plain, 0, len(plain), this_year, repairs)
    if scan.error is None:
        return scan
    return scan._replace(error=scan.error._replace(at=origin[scan.error.at]))


def _restore_separators(text: str, start: int, end: int) -> tuple[str, list[int]] | None:
    """The text with real separators, and where each of its places was; None if nothing was written out.

    A separator that also stands there itself was not written out: ``<RS>`` is then somebody's value.
    """
    if GS in text and EOT in text and text.find(RS, start, end) >= 0:
        return None
    lost = {separator for separator in (GS, RS, EOT) if text.find(separator, start, end) < 0}
    pieces: list[str] = []
    origin: list[int] = []
    done = start
    for written in _WRITTEN.finditer(text, start, end):
        meant = _MEANT[written[written.lastindex or 0].lower()]
        if meant in lost:
            pieces += (text[done : written.start()], meant)
            origin += range(done, written.start() + 1)
            done = written.end()
    if not pieces:
        return None
    pieces.append(text[done:end])
    origin += range(done, end + 1)
    return "".join(pieces), origin


def _read_message(
    raw: str,
    symbology: str | None,
    text: str,
    start: int,
    end: int,
    this_year: int,
    repairs: tuple[str, ...],
) -> Scan:
    here = start + len(HEAD)
    has_head_rs = text[here : here + 1] == RS
    if not has_head_rs and _HEAD_GOES_ON.match(text, here, end) is None:
        code = ErrorCode.TRUNCATED if here >= end else ErrorCode.NOT_A_UDI
        refusal = ParseError(code, min(here, end), "[)> without the RS of an ISO/IEC 15434 message")
        return Scan(raw, symbology, repairs=repairs, error=refusal)
    here += has_head_rs
    has_eot = end > here and text[end - 1] == EOT
    stop = end - has_eot
    has_rs = stop > here and text[stop - 1] == RS
    stop -= has_rs
    if not (has_head_rs and has_eot and has_rs):
        repairs = (*repairs, ENVELOPE_COMPLETED)

    message = _split_envelopes(text, here, stop)
    if not (has_eot or has_rs) and message.error is None and not message.ends_surely():
        fault = ParseError(ErrorCode.TRUNCATED, end, "neither RS nor EOT: the last value may be cut off")
        del message.last[-1:]
        message = message._replace(error=fault)
    return _read_parts(raw, symbology, text, message, this_year, repairs)


class Message(NamedTuple):
    """What the envelopes hold, up to the first structural error."""

    has_gs1: bool  # a format 05
    elements: list[Element]  # of format 05
    fields: list[Field]  # of format 06
    last: list[Element] | list[Field]  # to which of the two the last envelope added
    error: ParseError | None

    def ends_surely(self) -> bool:
        """Whether the last value would show that it was cut off."""
        if not self.last:
            return False
        kind = self.last[-1][0]
        return kind in NEVER_SHORT if isinstance(kind, str) else kind.predefined_length > 0


def _split_envelopes(text: str, start: int, end: int) -> Message:
    elements: list[Element] = []
    fields: list[Field] = []
    last: list[Element] | list[Field] = fields
    has_gs1 = False
    error: ParseError | None = None
    here = start
    for envelope in text[start:end].split(RS):
        stop = here + len(envelope)
        indicator = envelope[:2]
        if indicator not in ("05", "06"):
            if envelope and _FORMAT.match(envelope) is None:
                error = ParseError(ErrorCode.UNKNOWN_AI, here, f"no format begins with {indicator!r}")
        elif envelope[2:3] != GS:
            code = ErrorCode.CHARSET if envelope[2:] else ErrorCode.TRUNCATED
            error = ParseError(code, here + 2, f"format {indicator} begins with a separator")
        elif indicator == "05":
            has_gs1 = True
            more, error = split_elements(text, here + 3, stop)
            elements += more
            last = elements
        else:
            found, error = split_fields(text, here + 3, stop)
            fields += found
            last = fields
        if error is not None:
            break
        here = stop + 1
    return Message(has_gs1, elements, fields, last, error)


def _read_parts(
    raw: str, symbology: str | None, text: str, message: Message, this_year: int, repairs: tuple[str, ...]
) -> Scan:
    """The scan of the GS1 elements and of GTINs among the fields, with what the fields add.

    A lot, serial or date that is given twice and differs stays empty.
    """
    elements, fields, faults = message.elements, message.fields, []
    gtins: list[Element] = []
    for field in fields:
        gtin = gtin_of(field)
        if gtin is not None:
            gtins.append((_GTIN, gtin, field[2] + len(field[1]) - len(gtin)))
    scan = Scan(raw, symbology, repairs=repairs)
    if gtins or message.has_gs1:
        structural = message.error if message.last is elements else None
        scan = read_elements(raw, symbology, text, elements + gtins, structural, this_year, repairs)
        repairs = scan.repairs
    if scan.error is not None and scan.error.code not in _MISSING:
        faults.append(scan.error)
    names_pack = scan.di is not None or any(field[0] == PPN for field in fields)

    known: dict[str, Any] = {name: getattr(scan, name) for name in _PRODUCTION}
    contradicted: set[str] = set()
    for field in fields:
        identifier, value, at = field
        if identifier in DATES:
            if identifier == AGREED_DATE and not names_pack:
                continue
            if not value.strip("0"):
                repairs = repairs if NO_DATE_REPAIR in repairs else (*repairs, NO_DATE_REPAIR)
                continue
        meant = meaning(field, this_year)
        if meant is None:
            continue
        if isinstance(meant, ParseError):
            faults.append(meant)
        elif known[meant[0]] is None:
            known[meant[0]] = meant[1]
        elif known[meant[0]] != meant[1]:
            contradicted.add(meant[0])
            faults.append(ParseError(ErrorCode.DUPLICATE, at, f"{meant[0]} stands twice and differs"))
    known.update(dict.fromkeys(contradicted))

    if message.error is not None:
        faults.append(message.error)
    error = min(faults, key=_place) if faults else scan.error
    if error is None and scan.di is None:
        who = "a PPN of IFA" if names_pack else "no number of an agency read here"
        error = ParseError(ErrorCode.NOT_A_UDI, 0, f"an ISO/IEC 15434 message with {who}")
    return scan._replace(**known, elements=_shown(scan.elements, gtins, fields), repairs=repairs, error=error)


def _place(fault: ParseError) -> int:
    return fault.at


def _shown(
    read: tuple[tuple[str, str], ...], gtins: list[Element], fields: list[Field]
) -> tuple[tuple[str, str], ...]:
    """What was read of GS1, then the fields; a GTIN among the fields stands there under its own name."""
    stop = len(read)
    for _, gtin, _ in reversed(gtins):
        if stop and read[stop - 1] == ("01", gtin):
            stop -= 1
    return (*read[:stop], *[field[:2] for field in fields])
