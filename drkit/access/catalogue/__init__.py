"""What actions there are, and at which level CAM authorises them; generated, compact, read once."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent
CAM_LEVELS = HERE / "cam-levels.json.gz"
CAM_NAMES = HERE / "cam-names.json.gz"
