"""The kinds and states of proposed changes, and their titles."""

from __future__ import annotations

from enum import StrEnum


class Changeable(StrEnum):
    """What can be changed by a proposal. The values are also those of the setting `SECOND_PAIR_OF_EYES`."""

    ITEM = "items"
    ITEM_LIST = "item_lists"
    DOCUMENT = "documents"
    ROUTES = "routes"
    HOLIDAYS = "holidays"
    LAWS = "laws"


class ChangeState(StrEnum):
    """`APPROVED`: its time has not come. `RETURNED`: the record had changed meanwhile, or the change is not allowed."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"
    LIVE = "live"
    UNDONE = "undone"


KIND_TITLES: dict[str, str] = {
    Changeable.ITEM: "事项",
    Changeable.ITEM_LIST: "实施清单",
    Changeable.DOCUMENT: "文件",
    Changeable.ROUTES: "去处",
    Changeable.HOLIDAYS: "放假安排",
    Changeable.LAWS: "法律清单",
}

STATE_TITLES: dict[str, str] = {
    ChangeState.PROPOSED: "待核准",
    ChangeState.APPROVED: "已核准，到时生效",
    ChangeState.REFUSED: "退回",
    ChangeState.WITHDRAWN: "撤回",
    ChangeState.RETURNED: "没有生效，退回",
    ChangeState.LIVE: "已生效",
    ChangeState.UNDONE: "已撤销",
}
