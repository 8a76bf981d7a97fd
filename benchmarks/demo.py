"""The whole demo, once set up, takes less than 30 seconds.

python benchmarks/demo.py
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIMIT = 30  # seconds


def main() -> int:
    """Print the seconds as JSON; exit 1 when the limit is passed or the demo fails."""
    with tempfile.TemporaryDirectory() as scratch:
        began = time.monotonic()
        program = [sys.executable, "-m", "drkit", "demo", "--to", str(Path(scratch) / "demo")]
        done = subprocess.run(program, stdout=subprocess.DEVNULL, check=False)
        seconds = round(time.monotonic() - began, 1)
    print(json.dumps({"demo_seconds": seconds, "limit": LIMIT, "status": done.returncode}))
    return int(done.returncode != 0 or seconds > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
