"""What a barcode says: text from a scanner in, a :class:`Scan` out; or a picture in, its symbols out.

    >>> from scanners import parse
    >>> parse("]d20106901234567892172811301" + "0LOT42A").lot
    'LOT42A'

Pure: no database, no network, no clock but the century of a two-digit year, no other package
of this project. :func:`parse` never raises and never guesses. :func:`read`, which is
:func:`scanners.images.read`, needs libraries that parsing does not: they are loaded when it is asked for.
"""

from typing import TYPE_CHECKING, Any

from scanners.inhouse import InHouse
from scanners.parsing import parse
from scanners.scan import Agency, ErrorCode, Level, ParseError, Scan

if TYPE_CHECKING:
    from scanners.images import read

__all__ = ["Agency", "ErrorCode", "InHouse", "Level", "ParseError", "Scan", "parse", "read"]


def __getattr__(name: str) -> Any:
    if name != "read":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from scanners.images import read

    return read
