"""Files with one JSON object per line, as labelled messages and evaluation sets are kept."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Empty lines are left out; a file whose name ends in `.gz` is unpacked.

    Raises:
        OSError: the file cannot be read.
        json.JSONDecodeError: a line is no JSON.
    """
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)
