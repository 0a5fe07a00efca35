"""Draws a confusion table, in the engine's environment, which has matplotlib:

    .venv/engine/bin/python -m bot.evaluation.picture OUT.png < table.json

`table.json` is `{"meant": {"got": count}}`.
"""

import json
import sys

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot


def main() -> None:
    table = json.load(sys.stdin)
    meant = list(table)
    got = list(dict.fromkeys([*meant, *(name for row in table.values() for name in row)]))
    counts = [[table[row].get(column, 0) for column in got] for row in meant]
    shares = [[count / (sum(row) or 1) for count in row] for row in counts]
    figure, axes = pyplot.subplots(figsize=(1.2 + 0.75 * len(got), 1.5 + 0.6 * len(meant)))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    axes.set_xticks(range(len(got)), got, rotation=40, ha="right")
    axes.set_yticks(range(len(meant)), meant)
    axes.set_xlabel("taken for")
    axes.set_ylabel("meant")
    for y, row in enumerate(counts):
        for x, count in enumerate(row):
            if count:
                axes.text(x, y, str(count), ha="center", va="center", color="white" if shares[y][x] > 0.5 else "black")
    figure.tight_layout()
    figure.savefig(sys.argv[1], dpi=110)


if __name__ == "__main__":
    main()
