"""Charts as separate SVG files, each with a description for people who cannot see it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pygal  # type: ignore[import-untyped]
from pygal.style import Style  # type: ignore[import-untyped]

from bot.figures.service import Figures
from bot.figures.tables import channel_title, outcome_title, percent
from bot.reviews.reasons import STARS_TITLES, Stars

_STYLE = Style(
    font_family="'Noto Sans CJK SC', 'Source Han Sans SC', 'PingFang SC', 'Microsoft YaHei', sans-serif",
    background="#ffffff",
    plot_background="#ffffff",
    foreground="#33414e",
    foreground_strong="#1c2733",
    foreground_subtle="#55636f",
    colors=("#5b9bd5", "#e0a458", "#7fbf8e", "#b39bd0", "#e08a83"),
    label_font_size=13,
    major_label_font_size=13,
    legend_font_size=14,
    value_font_size=13,
    no_data_font_size=20,
    opacity="1",
    guide_stroke_color="#d5dde4",
    major_guide_stroke_color="#d5dde4",
    value_colors=("#1c2733",) * 5,
)
_WIDTH, _HEIGHT, _BAR_HEIGHT = 900, 320, 30
_LETTER_WIDTH = 6
# The most day labels that fit on the axis.
_MOST_DAY_NAMES = 16
_MOST_BARS = 10


@dataclass(frozen=True)
class Chart:
    """`about` describes the chart in words."""

    svg: bytes
    about: str


def volume_chart(counted: Figures) -> Chart:
    """Messages of each day, channels stacked."""
    found, period = counted.volume, counted.period
    counts = {(one.day, one.channel): one.message_count for one in found}
    channels = list(dict.fromkeys(one.channel for one in found))
    options = {"y_labels_major_every": 2, "show_minor_x_labels": False, "show_minor_y_labels": False}
    chart = pygal.StackedBar(**_common(show_legend=len(channels) > 1, legend_at_bottom=True, **options))
    every = -(-len(period.days) // _MOST_DAY_NAMES)
    chart.x_labels = [f"{day.month}/{day.day}" for day in period.days]
    chart.x_labels_major = chart.x_labels[::every]
    for channel in channels:
        chart.add(channel_title(channel), [counts.get((day, channel), 0) for day in period.days])
    by_day = Counter[object]()
    for one in found:
        by_day[one.day] += one.message_count
    about = f"{period}每天的消息，共 {by_day.total()} 条"
    if by_day:
        day, most = max(by_day.items(), key=lambda pair: pair[1])
        about += f"，最多的一天是 {day}，{most} 条"
    return _rendered(chart, about)


def outcomes_chart(counted: Figures) -> Chart:
    """Messages by outcome, the most frequent first."""
    bars = {outcome_title(outcome): count for outcome, count in counted.answers.by_outcome.items()}
    return _bars(bars, "条", f"{counted.period}消息的结果")


def satisfaction_chart(counted: Figures) -> Chart:
    found = counted.satisfaction
    bars = {STARS_TITLES[stars]: found.counts[stars] for stars in reversed(Stars)}
    return _bars(bars, "件", f"{counted.period}的评价，满意和非常满意占 {percent(found.satisfied_share)}")


def items_chart(counted: Figures) -> Chart:
    found = counted.items[:_MOST_BARS]
    return _bars({f"{one.name}（{one.code}）": one.count for one in found}, "条", f"{counted.period}问得最多的事项")


CHARTS: dict[str, Callable[[Figures], Chart]] = {
    "volume": volume_chart,
    "outcomes": outcomes_chart,
    "satisfaction": satisfaction_chart,
    "items": items_chart,
}


def _bars(bars: dict[str, int], unit: str, title: str) -> Chart:
    """Horizontal bars, the first on top, each with its number."""
    shown = list(bars.items())[:_MOST_BARS]
    height = 60 + _BAR_HEIGHT * max(1, len(shown))
    # pygal measures labels by the width of Latin letters; Chinese characters are about twice as wide.
    more = max((len(name) for name, _ in shown), default=0) * _LETTER_WIDTH
    options = {"show_legend": False, "height": height, "margin_left": more, "print_values": True}
    chart = pygal.HorizontalBar(**_common(show_x_labels=False, **options))
    chart.x_labels = [name for name, _ in reversed(shown)]
    if shown:
        chart.add("", [count for _, count in reversed(shown)])
    told = "，".join(f"{name} {count} {unit}" for name, count in shown)
    return _rendered(chart, f"{title}：{told}" if told else f"{title}：没有")


def _common(**options: Any) -> dict[str, Any]:
    """The options of all charts. Without scripts, because the pages do not allow any."""
    return {
        "style": _STYLE,
        "js": (),
        "width": _WIDTH,
        "height": _HEIGHT,
        "explicit_size": True,
        "no_data_text": "没有数据",
        "margin": 12,
        "truncate_label": -1,
        "include_x_axis": True,
        "value_formatter": lambda value: f"{value:.0f}",
        **options,
    }


def _rendered(chart: Any, about: str) -> Chart:
    def for_readers(root: Any) -> Any:
        """Adds the description, and removes the script that pygal writes even without `js`."""
        for parent in [*root.iter()]:
            for script in parent.findall("script"):
                parent.remove(script)
        root.set("role", "img")
        root.set("aria-label", about)
        return root

    chart.add_xml_filter(for_readers)
    return Chart(chart.render(), about)
