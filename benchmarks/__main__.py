"""`make bench`: every `bench_*.py` here in turn, or those named: `python -m benchmarks scanners`."""

from __future__ import annotations

import sys
import time
import traceback
from importlib import import_module
from pathlib import Path


def main(wanted: list[str]) -> int:
    """Run the benchmarks; each prints its own table. Returns how many failed."""
    known = sorted(path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py"))
    if unknown := set(wanted) - set(known):
        print(f"bench: no such benchmark: {', '.join(sorted(unknown))}; there are: {', '.join(known)}")
        return len(unknown)
    failed = []
    for name in wanted or known:
        print(f"\n== {name}", flush=True)
        began = time.monotonic()
        try:
            import_module(f"benchmarks.bench_{name}").main()
        except Exception:  # one broken benchmark must not hide the figures of the others
            traceback.print_exc()
            failed.append(name)
        print(f"-- {time.monotonic() - began:.1f} s", flush=True)
    if failed:
        print(f"\nbench: failed: {', '.join(failed)}", file=sys.stderr)
    return len(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
