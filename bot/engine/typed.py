"""What is typed is words, and never the payload of a button. Standard library only.

Rasa ends every pipeline with its `RegexMessageHandler`, which takes a text that begins with a slash for an intent with
its entities. So no text may begin with one by then, whatever it was before it was normalised. Buttons come another way
(`bot/engine/channel.py`).
"""

import re
import sys
from typing import Text

_SLASHES = re.compile(r"^[\s/]+")


def as_words(text: Text) -> Text:
    """`text` without the slashes at its beginning; a question mark where nothing is left."""
    return _SLASHES.sub("", text) or "?"


def is_terminal() -> bool:
    """Whether this is `rasa shell`, where a developer chooses a button and Rasa itself types its payload.

    By the command, since Rasa tells no component from which channel a message came.
    """
    return sys.argv[1:2] == ["shell"]
