"""Plain files in, canonical frames out: what HRP and HIS can export without any integration.

`read_table` gets the cells of a CSV, TSV, XLSX or Parquet file as they are; `read_inputs` checks every cell
of the five files of a variance and raises one BadInput with all findings.
"""

from reconcile.files.inputs import read_inputs
from reconcile.files.tables import Table, read_table

__all__ = ["Table", "read_inputs", "read_table"]
