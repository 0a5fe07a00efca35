"""Where the parts of the project lie."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The invented city of 云河, which is loaded into an empty database.
SAMPLES = ROOT / "bot" / "samples"
# Messages labelled against the sample city, from which the ranker and the acts of letters learn.
LABELLED = SAMPLES / "labelled"
# The interpreter of the environment that recognises the characters of scans, if it was installed.
OCR_PYTHON = ROOT / ".venv" / "ocr" / "bin" / "python"
