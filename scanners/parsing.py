"""The one way in: text from a scanner to a :class:`~scanners.scan.Scan`."""

from __future__ import annotations

from datetime import date

from scanners import repairs
from scanners.inhouse import DEFAULT, InHouse
from scanners.routing import read
from scanners.scan import Agency, ErrorCode, ParseError, Scan

# Twice what the densest symbol in use on a device holds (DataMatrix, 2,335 characters), and far
# below where any of the readers would get slow.
LONGEST = 4096


def parse(raw: str | bytes, *, today: date | None = None, inhouse: InHouse | None = None) -> Scan:
    """What a scan says. Never raises, whatever the text; ``raw`` is kept as it came.

    ``today`` decides the century of two-digit years (default: the machine's day). ``inhouse``
    describes the site's own labels (default: prefix ``TR``). Bytes are read as UTF-8; bytes
    that are not become lone surrogates, from which they can be had back
    (``raw.encode("utf-8", "surrogateescape")``); of bytes beyond any code's length see `_text_of`.
    """
    if not isinstance(raw, str):
        raw = _text_of(raw)
    if len(raw) > LONGEST:
        message = f"{len(raw)} characters; no code has more than {LONGEST}"
        return Scan(raw, error=ParseError(ErrorCode.TOO_LONG, LONGEST, message))
    this_year = (today or date.today()).year
    labels = inhouse or DEFAULT
    scan = _parse_text(raw, raw, this_year, labels)
    if scan.error is not None and not raw.isascii():
        folded = repairs.fold_fullwidth(raw)
        if folded is not None:
            mended = _parse_text(raw, folded, this_year, labels)
            # Only what a check digit proves: the GTIN's or the in-house label's.
            if mended.error is None and (mended.di is not None or mended.agency is Agency.INHOUSE):
                return mended._replace(repairs=(repairs.FULLWIDTH, *mended.repairs))
    return scan


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


def _parse_text(raw: str, text: str, this_year: int, inhouse: InHouse) -> Scan:
    """Read ``text``, which is ``raw`` or of the same length, with and without its stand-ins."""
    if repairs.STAND_IN.search(text) is None:
        return _read(raw, text, this_year, inhouse)
    replaced, origin = repairs.replace_stand_ins(text)
    mended = _read(raw, replaced, this_year, inhouse)
    if mended.error is not None:
        mended = mended._replace(error=mended.error._replace(at=origin[mended.error.at]))
    mended = mended._replace(repairs=(*mended.repairs, repairs.GS_REPLACED))
    if mended.agency is Agency.GS1 and (mended.error is None or mended.error.code is ErrorCode.MISSING_DI):
        return mended
    as_came = _read(raw, text, this_year, inhouse)
    if as_came.error is None and any(repairs.STAND_IN.search(value) for _, value in as_came.elements):
        return mended  # "<GS>" within a lot is no lot: rather the error
    return as_came


def _read(raw: str, text: str, this_year: int, inhouse: InHouse) -> Scan:
    start, end = 0, len(text)
    named: tuple[str, ...] = ()
    if end and (text[0] in repairs.WHITESPACE or text[-1] in repairs.WHITESPACE):
        start = end - len(text.lstrip(repairs.WHITESPACE))
        end = max(start, len(text.rstrip(repairs.WHITESPACE)))
        named = (repairs.WHITESPACE_STRIPPED,)
    return read(raw, text, start, end, this_year, inhouse, named)
