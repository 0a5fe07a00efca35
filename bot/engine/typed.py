"""Makes sure that typed text is never read as the payload of a button. Standard library only.

Rasa ends every pipeline with its `RegexMessageHandler`, which reads a text that begins with a slash as an intent with
its entities. So no text may begin with a slash by then, even if normalising made that slash. Buttons come another way
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

    Tells by the command, since Rasa does not tell components from which channel a message came.
    """
    return sys.argv[1:2] == ["shell"]
