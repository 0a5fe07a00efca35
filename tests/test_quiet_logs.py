from __future__ import annotations

import logging
import subprocess
import sys

from bot.quiet_logs import condensed, without_words

SAID = "王建国住在幸福路8号，电话13912345678"


def record(logger: str, message: str, *args: object, error: BaseException | None = None) -> str:
    exc_info = (type(error), error, error.__traceback__) if error else None
    return without_words(logger, logging.ERROR, __file__, 1, message, args, exc_info).getMessage()


def raised() -> Exception:
    try:
        try:
            {}[SAID]  # type: ignore[var-annotated]
        except KeyError as inner:
            raise ValueError(SAID) from inner
    except ValueError as error:
        return error


def test_an_error_is_told_by_its_types_and_places_alone() -> None:
    told = record("bot.web.chat", "not answered", error=raised())
    assert told.startswith("not answered: ValueError at ")
    assert "from KeyError at " in told
    assert "in raised" in told
    assert SAID not in told


def test_of_the_systems_errors_the_reason_is_told() -> None:
    assert condensed(OSError(28, "No space left on device")) == "OSError (No space left on device)"


def test_lines_of_other_programs_that_may_quote_somebody_are_left_out() -> None:
    for line in (f"cannot parse {SAID}", 'cannot parse {"text": "\\u738b"}'):
        told = record("rasa.core.processor", line)
        assert "words" in told
        assert "cannot parse" not in told


def test_our_own_lines_stay_but_for_what_is_recognised_as_personal() -> None:
    assert record("bot.web", "case %s of 13912345678", "AJ-000012") == "case AJ-000012 of [手机号]"


def test_warnings_and_debug_lines_quote_nothing_once_it_is_installed() -> None:
    script = (
        "import logging, warnings\n"
        "from bot import quiet_logs\n"
        "quiet_logs.install()\n"
        "logging.basicConfig(level=logging.DEBUG)\n"
        f"logging.getLogger('bot').debug('{SAID}')\n"
        f"warnings.warn('{SAID}')\n"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stderr
    assert "UserWarning at " in said
    assert "139" not in said
    assert "王建国" not in said
