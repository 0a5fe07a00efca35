"""When staff's texts may go out, and when the day begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from bot.workdays import CHINA, today_in_china


@dataclass(frozen=True)
class QuietHours:
    starts: time
    ends: time


def next_allowed(now: datetime, quiet_starts: time, quiet_ends: time) -> datetime:
    """`now`, or the end of the quiet hours that it falls into. They may run over midnight; equal times mean none."""
    local = now.astimezone(CHINA)
    clock = local.time()
    runs_over = quiet_starts > quiet_ends
    is_quiet = (clock >= quiet_starts or clock < quiet_ends) if runs_over else quiet_starts <= clock < quiet_ends
    if not is_quiet:
        return now
    day = local.date() + timedelta(days=1) if runs_over and clock >= quiet_starts else local.date()
    return datetime.combine(day, quiet_ends, CHINA)


def day_began(now: datetime) -> datetime:
    """Midnight in China."""
    return datetime.combine(today_in_china(now), time(), CHINA)
