"""The ways by which messages come, and how staff read their names. Who adds a channel adds it here."""

from __future__ import annotations

CHANNEL_TITLES = {
    "portal": "门户网页",
    "api": "程序接口",
    "rest": "引擎接口",
}
