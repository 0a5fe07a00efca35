"""Recognises commands and numbers of choices in a text before the bot gets it."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum


class Command(StrEnum):
    PERSON = "person"
    HELP = "help"
    STOP = "stop"
    MORE = "more"
    BACK = "back"


# For texts with normalised width and case, and without spaces and punctuation.
_COMMANDS = {
    Command.PERSON: re.compile(r"(?:回复|选)?0(?:人工)?|(?:回复)?人工"),
    Command.HELP: re.compile(r"(?:回复)?(?:帮助|help)"),
    Command.STOP: re.compile(r"(?:回复?)?(?:退订|td|t)|退订(?:请?回复?)?(?:td|t)|(?:回复?)?(?:td|t)退订"),
    Command.MORE: re.compile(r"(?:回复)?更多"),
    Command.BACK: re.compile(r"(?:回复)?返回"),
}
_MARKS = r"[\s.,;:!?~。、“”\"'‘’()\[\]【】「」《》]*"
_CHOICE = re.compile(rf"{_MARKS}(?:回复|选)?{_MARKS}([1-9][0-9]?){_MARKS}")


def command_in(text: str) -> Command | None:
    """The command if `text` is nothing else, however typed; a sentence that contains the word is none."""
    typed = unicodedata.normalize("NFKC", text).casefold()
    if re.fullmatch(r"\s*(?:\?\s*)+", typed):
        return Command.HELP
    words = "".join(character for character in typed if character.isalnum())
    return next((command for command, pattern in _COMMANDS.items() if pattern.fullmatch(words)), None)


def choice_in(text: str, count: int) -> int | None:
    """The index, from 0, of the choice if `text` is only a number up to `count`: “2”, “２。”, “回复 2”."""
    match = _CHOICE.fullmatch(unicodedata.normalize("NFKC", text))
    number = int(match[1]) if match else 0
    return number - 1 if 1 <= number <= count else None
