"""Reads the characters of a picture (OCR). Runs in a child of the environment `ocr`, which has nothing else of ours.

The models are in the package rapidocr and everything stays on this machine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

# The city's assistant answers meanwhile.
_THREADS = 1


@dataclass(frozen=True)
class RecognisedLine:
    """A run of characters with its box, in pixels; `top` and `bottom` grow downwards. `confidence`: from 0 to 1."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    confidence: float


def recognised_lines(picture: bytes) -> list[RecognisedLine]:
    """The lines of a picture file, PNG or JPEG among others; none if it shows no characters."""
    found = _recogniser()(picture)
    if found.boxes is None or found.txts is None or found.scores is None:
        return []
    return [
        RecognisedLine(
            text,
            left=float(box[:, 0].min()),
            top=float(box[:, 1].min()),
            right=float(box[:, 0].max()),
            bottom=float(box[:, 1].max()),
            confidence=float(score),
        )
        for box, text, score in zip(found.boxes, found.txts, found.scores, strict=True)
    ]


@lru_cache(maxsize=1)
def _recogniser() -> Callable[[bytes], Any]:
    from rapidocr import RapidOCR

    engine: Callable[[bytes], Any] = RapidOCR(
        params={
            "Global.log_level": "error",
            # Lines that it doubts are returned too: they count where the whole is judged.
            "Global.text_score": 0.0,
            "EngineConfig.onnxruntime.intra_op_num_threads": _THREADS,
            "EngineConfig.onnxruntime.inter_op_num_threads": _THREADS,
        }
    )
    return engine
