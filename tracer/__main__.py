"""`python -m tracer …` is `tracer …`."""

import sys

from tracer.cli import main

if __name__ == "__main__":  # a child process imports this file under another name
    sys.exit(main())
