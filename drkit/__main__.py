"""``python -m drkit`` is the same program as ``drkit``."""

import sys

from drkit.cli import main

if __name__ == "__main__":
    sys.exit(main())
