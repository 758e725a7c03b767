"""Device registers and catalogues, as their publishers give them out: files in, records out.

The national UDI database (XML and Excel releases), the FDA's GUDID (XML, JSON, delimited) and the national
insurance catalogue, each as a plain file, a zip or zips in a zip. A file may be larger than the memory: it
is cut into chunks, and a chunk is all that a parser ever holds. What cannot be read is reported with file,
part and position; everything else is read.
"""

from reconcile.registers.chunks import Chunk
from reconcile.registers.cutting import Package, Place, open_package
from reconcile.registers.parsing import Parsed, parse, record_of
from reconcile.registers.records import Bad, DiKind, Identifier, Record, Register

__all__ = [
    "Bad",
    "Chunk",
    "DiKind",
    "Identifier",
    "Package",
    "Parsed",
    "Place",
    "Record",
    "Register",
    "open_package",
    "parse",
    "record_of",
]
