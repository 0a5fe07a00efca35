"""Draws a confusion table, in the engine's environment, which has matplotlib:

    .venv/engine/bin/python -m bot.evaluation.picture OUT.png < table.json

`table.json` is `{"meant": {"got": count}}`. The picture is in Chinese where the machine has a font for it.
"""

import json
import sys

import matplotlib

matplotlib.use("Agg")
from matplotlib import font_manager, pyplot

from bot.evaluation.titles import OUTCOME_TITLES

# Fonts of common systems. Of Noto's collection matplotlib reads only the first face, which is the Japanese one.
CHINESE_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
    "Droid Sans Fallback",
)


def main() -> None:
    table = json.load(sys.stdin)
    meant = list(table)
    got = list(dict.fromkeys([*meant, *(name for row in table.values() for name in row)]))
    counts = [[table[row].get(column, 0) for column in got] for row in meant]
    shares = [[count / (sum(row) or 1) for count in row] for row in counts]
    titles, taken_for, should_be = words()
    figure, axes = pyplot.subplots(figsize=(1.2 + 0.75 * len(got), 1.5 + 0.6 * len(meant)))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    axes.set_xticks(range(len(got)), [titles.get(name, name) for name in got], rotation=40, ha="right")
    axes.set_yticks(range(len(meant)), [titles.get(name, name) for name in meant])
    axes.set_xlabel(taken_for)
    axes.set_ylabel(should_be)
    for y, row in enumerate(counts):
        for x, count in enumerate(row):
            if count:
                axes.text(x, y, str(count), ha="center", va="center", color="white" if shares[y][x] > 0.5 else "black")
    figure.tight_layout()
    figure.savefig(sys.argv[1], dpi=110)


def words():
    """Titles of outcomes and of both axes, in English if there is no Chinese font: Chinese would show as boxes."""
    installed = {font.name for font in font_manager.fontManager.ttflist}
    font = next((name for name in CHINESE_FONTS if name in installed), None)
    if font is None:
        return {}, "taken for", "meant"
    matplotlib.rcParams["font.family"] = [font, "DejaVu Sans"]
    return OUTCOME_TITLES, "实际怎么答", "应当怎么答"


if __name__ == "__main__":
    main()
