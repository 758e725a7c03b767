"""Why a row is off: candidate explanations, each with its units and the records that show it.

`TESTERS` is the registry. A tester looks at the records behind the rows with a variance and claims signed
units of it; claims of the variance's own sign are granted in the registry's order until nothing is left, and
what remains is `unexplained`. A new cause is one more tester in its place in the tuple.
"""

from reconcile.causes.granting import Explained, explain

__all__ = ["Explained", "explain"]
