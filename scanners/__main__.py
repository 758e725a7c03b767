"""``python -m scanners``."""

from scanners.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
