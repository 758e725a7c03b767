"""What a barcode says: text from a scanner in, a :class:`Scan` out.

    >>> from scanners import parse
    >>> parse("]d20106901234567892172811301" + "0LOT42A").lot
    'LOT42A'

Pure: no database, no network, no clock but the century of a two-digit year, no other package
of this project. :func:`parse` never raises and never guesses.
"""

from scanners.inhouse import InHouse
from scanners.parsing import parse
from scanners.scan import Agency, ErrorCode, Level, ParseError, Scan

__all__ = ["Agency", "ErrorCode", "InHouse", "Level", "ParseError", "Scan", "parse"]
