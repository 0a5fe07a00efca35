"""The instant at which each test begins."""

from datetime import datetime

from bot.workdays import CHINA

# A Wednesday afternoon in office hours, the same whenever the tests run.
NOW = datetime(2026, 11, 25, 16, tzinfo=CHINA)
