"""Questions about a whole after one of its parts: “先办哪个”, “多久能开业” after an item of a joint service."""

from __future__ import annotations

import re
from itertools import pairwise

from sqlalchemy.orm import Session

from actions.turn import Turn
from bot.catalogue import service as catalogue
from bot.catalogue.models import JointService

# A longer message names its matter itself.
LONGEST = 20
# How many earlier messages may say which of several joint services is meant.
TOLD_BEFORE = 3
_ASKS_OF_THE_WHOLE = re.compile(
    "先(?:去|要|该|得)?(?:办|弄|做|跑)(?:哪|什么|啥)|(?:哪|那)[个样项些](?:要|该|得)?先|先后|(?:办理?|什么)顺序|从(?:哪|什么|何)[里儿处]?(?:开始|办起|下手|入手)"
    "|(?:总共|一共|全部|都|还|另外)(?:要|得|需要|用)(?:办|跑)(?:哪|几|什么|啥|多少)|要办(?:哪些|几[个样项])(?:证|手续)"
    "|(?:多久|多长时间|什么时候|啥时候|几天)[才就会能可以]*(?:开[业张店]|营业)|[开营]业(?:要|得)?(?:等|花)?(?:多久|多长时间|几天)"
    "|(?:全部|全都|所有|整个|一起|一套)[^,。]{0,6}(?:多久|几天|多长时间)|(?:多久|几天|多长时间)[^,。]{0,6}(?:全部|全都|一起|一套)"
)


def whole_asked_for(session: Session, turn: Turn) -> str | None:
    """The code of the joint service, if the message asks about all of it and the matter of before is, or is a part of,
    just one. Of several, the one that most is said of in the messages before."""
    # “多久能开业” resembles several items; one alone is another matter.
    names_another = len(turn.items) == 1 and turn.items[0] != turn.known_item
    if names_another or turn.unknown_matter or len(turn.text) > LONGEST or not _ASKS_OF_THE_WHOLE.search(turn.text):
        return None
    known = turn.known_item or next((name.split(":")[1] for name in turn.shown if name.startswith("item:")), None)
    if known is None:
        return None
    joints = catalogue.joint_services_with(session, known)
    if own := catalogue.get_joint_service(session, known):
        joints = [own]
    told = "".join(turn.typed_before[-TOLD_BEFORE:])
    ranked = sorted(((_said_of(joint, told), joint.code) for joint in joints), reverse=True)
    is_clear = len(ranked) == 1 or (len(ranked) > 1 and ranked[0][0] > ranked[1][0])
    return ranked[0][1] if is_clear else None


def _said_of(joint: JointService, told: str) -> int:
    """How many pairs of characters of what was told stand in the joint service's name or summary."""
    own = joint.name + joint.summary
    return len({pair for pair in map("".join, pairwise(told)) if pair in own})
