"""Labels: a text in, a printed symbol that says it out, as PNG, SVG, PDF or ZPL.

    >>> from scanners.labels import Label, render
    >>> pdf = render([Label("TR000000004292", ("药物洗脱支架",))], format="pdf", stock="40x30")
    >>> pdf[:5]
    b'%PDF-'

Every symbol is read back before it leaves; one that would say anything but its text is refused.
"""

from scanners.labels.label import Label, LabelError, LabelFault, printable
from scanners.labels.printing import FORMATS, render, symbol_svg
from scanners.labels.stocks import STOCKS, Stock
from scanners.labels.symbols import SYMBOLOGIES

__all__ = [
    "FORMATS",
    "STOCKS",
    "SYMBOLOGIES",
    "Label",
    "LabelError",
    "LabelFault",
    "Stock",
    "printable",
    "render",
    "symbol_svg",
]
