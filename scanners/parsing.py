"""The one way in: text from a scanner to a :class:`~scanners.scan.Scan`."""

from __future__ import annotations

from datetime import date
from functools import partial

from scanners import mending, repairs
from scanners.gs1.dates import current_year
from scanners.hibc import is_secondary
from scanners.inhouse import DEFAULT, InHouse
from scanners.routing import read
from scanners.scan import Agency, ErrorCode, Level, ParseError, Scan
from scanners.symbology import MISTYPED, ON_A_GERMAN_KEYBOARD

# Twice what the densest symbol in use on a device holds (DataMatrix, 2,335 characters), and far
# below where any of the readers would get slow.
LONGEST = 4096


def parse(
    raw: str | bytes,
    *,
    today: date | None = None,
    inhouse: InHouse | None = None,
    caps_lock: bool = False,
) -> Scan:
    """What a scan says. Never raises, whatever the text; ``raw`` is kept as it came.

    ``today`` decides the century of two-digit years (default: the machine's day). ``inhouse``
    describes what is the site's own (default: labels with the prefix ``TR``). ``caps_lock`` says
    that the keyboard had Caps Lock on while the scanner typed, which alone can tell a lot
    ``lot42a`` from ``LOT42A``.

    Bytes are read as UTF-8; bytes that are not become lone surrogates, from which they can be had
    back (``raw.encode("utf-8", "surrogateescape")``); of bytes beyond any code's length see `_text_of`.
    """
    if not isinstance(raw, str):
        raw = _text_of(raw)
    if len(raw) > LONGEST:
        message = f"{len(raw)} characters; no code has more than {LONGEST}"
        return Scan(raw, error=ParseError(ErrorCode.TOO_LONG, LONGEST, message))
    this_year = today.year if today else current_year()
    labels = inhouse or DEFAULT
    if caps_lock and (flipped := raw.swapcase()) != raw and raw.isascii():
        scan = _settle(raw, flipped, this_year, labels)
        if scan.error is None or is_secondary(scan):
            return scan._replace(repairs=(repairs.CASE_FLIPPED, *scan.repairs))
    return _settle(raw, raw, this_year, labels)


def _settle(raw: str, text: str, this_year: int, labels: InHouse) -> Scan:
    """The reading of a text, mended where it does not read, doubted where another reading may be true."""
    scan = _read(raw, text, this_year, labels)
    # "<GS>" within a lot is no lot.
    stood_in = "<" in text and any(repairs.STAND_IN.search(value) for _, value in scan.elements)
    sound = scan.error is None and not stood_in and scan.symbology not in MISTYPED
    elements = scan.elements
    count = len(elements)
    if sound and count < 2 and text[0] != "+":
        return scan  # one value, with nothing beside it that could be part of it
    if sound:
        if text[0] == "h" or (text.startswith("(0") and text.find(text[:4], 4) < 0):
            return scan  # without separators; what was sent twice has its first bracket twice
        half = len(text) >> 1
        last = elements[-1][1]
        if not (
            "029" in text
            or "_" in text
            or labels.separators
            or (text[0] == text[-half] and text[:half] == text[-half:])
            or (count > 5 and count % 3 == 0 and elements[0] == elements[count // 3])
            or (len(last) > repairs.LENGTH_OF_DATE and repairs.HIDDEN_DATE.search(last, 1))
            or text[0] == "H"
            or text[:3] in ON_A_GERMAN_KEYBOARD
        ):
            return scan
    elif is_secondary(scan) or _is_logistic_unit(scan) or scan.agency is Agency.AHM:
        # Right as it is: what it is of stands on the pack's other symbol, or is nobody's to say.
        return scan
    read_one = partial(_read, raw, this_year=this_year, inhouse=labels)
    if sound:
        return mending.doubt(scan, text, read_one, labels.separators, this_year)
    mended = mending.mend(scan, text, read_one, labels.separators)
    if mended is scan and repairs.STAND_IN.search(text):
        return _with_stand_ins_replaced(scan, text, read_one)
    return mended


def _is_logistic_unit(scan: Scan) -> bool:
    """A number of a logistic unit that passed its check digit, without the GTIN of what is in it."""
    error = scan.error
    return (
        error is not None
        and error.code is ErrorCode.MISSING_DI
        and scan.agency is Agency.GS1
        and scan.level is Level.PACKAGE
    )


def _with_stand_ins_replaced(scan: Scan, text: str, read_one: mending.Read) -> Scan:
    """Of a text that will not read, the error that its message has once GS is GS again."""
    replaced, origin = repairs.replace_stand_ins(text)
    tried = read_one(replaced)
    error = tried.error
    if error is None or tried.agency is not Agency.GS1:
        return scan
    if scan.error is not None and error.code is not ErrorCode.MISSING_DI:
        return scan
    error = error._replace(at=origin[error.at])
    return tried._replace(error=error, repairs=(*tried.repairs, repairs.GS_REPLACED))


def _read(raw: str, text: str, this_year: int, inhouse: InHouse) -> Scan:
    start, end = 0, len(text)
    named: tuple[str, ...] = ()
    if end and (text[0] in repairs.WHITESPACE or text[-1] in repairs.WHITESPACE):
        start = end - len(text.lstrip(repairs.WHITESPACE))
        end = max(start, len(text.rstrip(repairs.WHITESPACE)))
        named = (repairs.WHITESPACE_STRIPPED,)
    return read(raw, text, start, end, this_year, inhouse, named)


def _text_of(raw: object) -> str:
    """Bytes as text without loss. Anything else is no scan, and reads as nothing."""
    if not isinstance(raw, bytes | bytearray):
        return ""
    if len(raw) <= LONGEST * 4:
        return raw.decode("utf-8", "surrogateescape")
    # Too long in any encoding; escaping a megabyte of noise byte by byte would take too long, too.
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
