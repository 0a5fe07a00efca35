"""Draws `growth.csv`, in the engine's environment, which has matplotlib; see `benchmarks/growth.py`."""

import csv
import sys
from collections import defaultdict

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot


def main() -> None:
    lines = defaultdict(list)
    with open(sys.argv[1], encoding="utf-8") as file:
        rows = csv.reader(file)
        measured, _, unit = next(rows)
        for size, name, took in rows:
            lines[name].append((int(size), float(took)))
    figure, axes = pyplot.subplots(figsize=(8, 5))
    for name, points in lines.items():
        sizes, took = zip(*points, strict=True)
        axes.plot(sizes, took, marker="o", label=name)
    axes.set(xscale="log", yscale="log", xlabel=measured, ylabel=unit)
    axes.grid(visible=True, which="both", alpha=0.3)
    axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    figure.tight_layout()
    figure.savefig(sys.argv[2], dpi=110)


if __name__ == "__main__":
    main()
