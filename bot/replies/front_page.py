"""What the first screen says: the words of a question about an item, and what can be asked."""

from __future__ import annotations

# Facet → the question about it, after the name of an item.
_ASKED = {
    "overview": "怎么办",
    "materials": "要带什么材料",
    "fee": "要多少钱",
    "time_limit": "多久能办好",
    "place": "在哪里办",
    "process": "怎么办",
    "conditions": "谁能办",
    "legal_basis": "有什么法律依据",
    "online": "网上能办吗",
    "result": "办完拿到什么",
}
# Asked while too few citizens have asked anything.
FIRST_QUESTIONS = (
    "身份证丢了怎么补",
    "我想开个小饭馆要办哪些手续",
    "租房能提取公积金吗，要什么材料",
    "结婚登记要带什么",
    "孩子出生了怎么上户口",
    "居住证怎么办",
)
# What the assistant does besides: title, and what is said for it.
SERVICES = (
    ("查信息公开申请", "我的信息公开申请到哪一步了"),
    ("申请信息公开", "我要申请信息公开"),
    ("投诉、建议", "我要提意见"),
    ("转人工", "转人工"),
)


def question(name: str, facet: str) -> str:
    """`facet` is a key of `FACET_TITLES`."""
    return f"{name}{_ASKED[facet]}"
