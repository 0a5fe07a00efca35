"""Draws what `make bench` measured, in the engine's environment, which has matplotlib:

.venv/engine/bin/python -m benchmarks.plot_bench bench.json bench.png
"""

import json
import sys

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot


def main():
    source, target = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        turns = json.load(file)["turns"]
    figure, (throughput, waiting) = pyplot.subplots(1, 2, figsize=(12, 4.5))
    names = list(turns["item"])
    width = 0.8 / len(names)
    for place, name in enumerate(names):
        at = [number + place * width for number in range(len(turns))]
        throughput.bar(at, [turns[kind][name]["8 at once"]["per_second"] for kind in turns], width, label=name)
        rates = [way for way in turns["item"][name] if way.endswith("a second")]
        waiting.plot(
            [int(way.split()[0]) for way in rates],
            [turns["item"][name][way]["p95_ms"] for way in rates],
            marker="o",
            label=name,
        )
    throughput.set_xticks([number + 0.4 - width / 2 for number in range(len(turns))], list(turns))
    throughput.set_ylabel("messages a second, 8 at once")
    waiting.set_yscale("log")
    waiting.set_xlabel("item questions a second")
    waiting.set_ylabel("ms within which 95 % are answered")
    for axes in (throughput, waiting):
        axes.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(target, dpi=110)


if __name__ == "__main__":
    main()
