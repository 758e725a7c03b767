"""HIBC, the Health Industry Bar Code of ANSI/HIBC 2.6 (supplier labeling): devices of HIBCC's labelers.

:func:`read_hibc` reads a primary, a secondary, a concatenated symbol, and the symbols of one pack sent
one after the other. What the one check character proves, and what not: :mod:`scanners.hibc.mod43`.
"""

from scanners.hibc.mod43 import check_character
from scanners.hibc.reading import is_primary_alone, is_secondary, read_hibc

__all__ = ["check_character", "is_primary_alone", "is_secondary", "read_hibc"]
