"""Finds the question in a message: the sentences of a letter that ask, and the kind of answer that is wanted."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.language.numerals import with_digits

# A message up to this length is a question as a whole; a longer one is a letter, which tells something before it asks.
SHORT = 40
_LONGEST_CORE = 160
# Each question of a letter is read together with what stands before the first one, cut to this many characters.
_LONGEST_TOLD = 60
_MOST_QUESTIONS = 4
_SENTENCE = re.compile(r"[^。!?！？;；\n]+[。!?！？;；\n]*")
_ASKS = re.compile(
    r"[?？]|吗|呢|请问|咨询|想问|问下|问一下|了解|如何|怎么|怎样|咋|什么|啥|哪|多少|几[个年月天号岁]|多久|多长|能否|是否"
    r"|可否|可不可以|能不能|有没有|需不需要|要不要|是不是|行不行"
)
_COURTESIES = re.compile(
    r"尊敬的[^,，。:：!！\s]{1,14}[,，。:：!！]?|(?:各位)?(?:领导|书记|市长|县长|局长)?(?:您|你)们?好[,，。:：!！]?|(?:非常|十分|万分|衷心)?(?:谢谢|感谢)"
    r"[^,，。!！?？]{0,8}[,，。!！]?|(?:敬请|恳请|盼望?|望|期待|希望)[^,，。!！?？]{0,8}(?:答复|回复|解答|答疑)[,，。!！]?|盼复[,，。!！]?|求解[,，。!！]?"
)
_CLAUSE = re.compile(r"[^,，、:：]+[,，、:：]*")

_OF_WHOM = r"(?:我们?|俺|咱们?|他们?|她们?|孩子|小孩|娃娃?|家里|老人|爸妈|父母|全家)*的?"
# Where somebody is registered or lives: a clause of its own (“户口在外地，”), or words before a person
# (“外地户口的孩子”). A clause that also has a word such as 哪, 能, 迁 is not matched, because it asks or wishes
# something itself.
_CIRCUMSTANCES = re.compile(
    rf"(?:^|(?<=[,，。;；、\s])){_OF_WHOM}(?:"
    r"(?:户口|户籍)(?:还|都|也)?(?:不在|在|是)[^,，。;；?？\s吗呢哪什怎能可办迁转落]{1,8}"
    r"|(?:现在|目前)?(?:在[^,，。;；\s]{0,6})?租(?:的|了)?房子?(?:住|的)?"
    r")(?:[,，。;；、\s]+|$)"
    r"|(?:外地|外省|外市|农村|本地)(?:户口|户籍)的?(?=[^,，。;；\s])(?![^,，。;；\s]*[迁落转])"
)
# What is left must be able to ask something.
_SHORTEST_ASKED = 4

_WANTS = {
    "amount": r"多少钱|好多钱|几块|几元|几百|费用|金额|标准|收费|要钱|花钱|交钱|免费|工本费"
    r"|多少(?!天|年|人|个|次|岁|月|日|小时)|好多(?!天|久|人)|比例|租金|税",
    "duration": r"多久|多长时间|几天|几年|几个?月|多少天|多少个?工作日|多少年|好久|时限|有效期|管多|期限"
    r"|之内|以内|多少日",
    "date": r"什么时候|啥时候|几号|几月|哪天|何时|截止|时间",
    "place": r"在哪|哪里|哪儿|去哪|到哪|地址|地点|哪个窗口|什么地方|哪个派出所|哪办",
    "hours": r"上班|下班|开门|营业|周六|周末|星期|几点|中午",
    "phone": r"电话|联系方式|号码",
    "person": r"谁|哪个部门|什么部门|哪个单位|归哪|哪些人|什么人|哪个局|部门",
    "yes_no": r"吗|么$|可不可以|能不能|是否|要不要|有没有|行不行|能否|可否|需不需要|不$|没$|是不是|算不算",
    "list": r"哪些|什么材料|带什么|带啥|需要什么|要什么|几种|包括|材料|资料|证件|手续",
    "procedure": r"怎么|如何|流程|步骤|手续|咋|怎样|办理|申请",
    "why": r"为什么|为何|凭什么|原因|依据",
    "online": r"网上|线上|手机|小程序|邮寄|寄|网办|现场|几趟|代办|上门",
}
_HOLDS = {
    "amount": r"\d+(?:\.\d+)?\s*(?:元|块|万|%|倍)|免费|不收费|百分之",
    "duration": r"\d+\s*个?(?:工作日|自然日|天|日|个月|月|年|周|小时|分钟)(?!起|\d)",
    "date": r"\d+月\d+日|\d+日前|每年|每月|月底|季度",
    "place": r"地址|路\d+号|窗口|大厅|中心|派出所|登记处",
    "hours": r"周一|周六|上午|下午|\d+:\d+|工作日\s*\d",
    "phone": r"\d{3,4}-\d{7,8}|1\d{4}(?!\d)|拨打|电话",
    "person": r"负责|主管|由.{2,12}(?:局|部门|中心|单位)",
    "yes_no": r"可以|不得|应当|不能|无需|不需要|不用|必须",
    "list": r"[(（][一二三1-9][)）]|1[.、]|以下|下列|包括|身份证|户口簿",
    "procedure": r"申请|提交|登录|受理|审核|填写|领取",
    "why": r"为了|因为|根据|依据|规定",
    "online": r"网上|线上|手机|小程序|邮寄|政务服务网|现场|App|app",
}
KINDS = tuple(_WANTS)
_WANT_PATTERNS = [re.compile(_WANTS[kind]) for kind in KINDS]
_HOLD_PATTERNS = [re.compile(_HOLDS[kind]) for kind in KINDS]


@dataclass(frozen=True)
class Asked:
    """A message and its parts; all three are the same for a short message.

    `whole`: the message. `core`: what it is about and what it asks. `question`: only the sentences that ask.
    """

    whole: str
    core: str
    question: str

    @classmethod
    def of(cls, text: str) -> Asked:
        return cls(text, core_of(text), question_of(text))


def core_of(text: str) -> str:
    """A message without courtesies, at most 160 characters: the sentences that ask, and as many before them as fit,
    which name the matter ("身份证丢了。请问能异地办吗")."""
    if len(text) <= SHORT:
        return text
    plain = _COURTESIES.sub("", text).lstrip(" ,，。!！") or text
    if len(plain) <= _LONGEST_CORE:
        return plain
    sentences = _SENTENCE.findall(plain)
    asking = [number for number, sentence in enumerate(sentences) if _ASKS.search(sentence)]
    last = asking[-1] if asking else len(sentences) - 1
    wanted_first = [*asking, *(number for number in range(last - 1, -1, -1) if number not in asking)]
    kept: dict[int, str] = {}
    room = _LONGEST_CORE
    for number in wanted_first:
        sentence = sentences[number]
        if len(sentence) > room:
            sentence = _asking_clauses(sentence)[:room] if number in asking else ""
        kept[number] = sentence
        room -= len(sentence)
    return "".join(kept[number] for number in sorted(kept)) or plain[-_LONGEST_CORE:]


def question_of(text: str) -> str:
    """The sentences that ask, at most 160 characters; all of a message that is short or has no such sentence."""
    if len(text) <= SHORT:
        return text
    asking = [sentence for sentence in _SENTENCE.findall(text) if _ASKS.search(sentence)]
    asking = [sentence if len(sentence) <= _LONGEST_CORE else _asking_clauses(sentence) for sentence in asking]
    question = "".join(asking) or text
    return question[-_LONGEST_CORE:] if len(question) > _LONGEST_CORE else question


def without_circumstances(text: str) -> str:
    """The message without the words that say where somebody is registered or lives (“户口在外地，我们在这租房住”).

    Such words are names of other matters too (迁户口, 租房), and the search would find those. The message comes back
    unchanged if it has no such words, or if too little is left to ask something.
    """
    asked, count = _CIRCUMSTANCES.subn("", text)
    asked = asked.strip("，,。;；、 ")
    return asked if count and len(asked) >= _SHORTEST_ASKED else text


def questions_in(text: str) -> list[tuple[str, str]]:
    """For each question of a letter with two to four questions: what was told before the first one, and the question.
    Empty for any other letter, and for a short message."""
    if len(text) <= SHORT:
        return []
    sentences = _SENTENCE.findall(_COURTESIES.sub("", text))
    asking = [number for number, sentence in enumerate(sentences) if _ASKS.search(sentence)]
    if not 2 <= len(asking) <= _MOST_QUESTIONS:
        return []
    told = "".join(sentences[: asking[0]])[-_LONGEST_TOLD:]
    # Sentences between two questions belong to the later one.
    starts = [asking[0], *(number + 1 for number in asking[:-1])]
    return [(told, "".join(sentences[start : end + 1])) for start, end in zip(starts, asking, strict=True)]


def _asking_clauses(sentence: str) -> str:
    return "".join(clause for clause in _CLAUSE.findall(sentence) if _ASKS.search(clause))


def is_asking(text: str) -> bool:
    return bool(_ASKS.search(text)) or any(wanted(text))


def wanted(text: str) -> tuple[bool, ...]:
    """Which of `KINDS` a message asks for."""
    return tuple(bool(pattern.search(text)) for pattern in _WANT_PATTERNS)


def held(text: str) -> tuple[bool, ...]:
    """Which of `KINDS` a text could answer with."""
    plain = with_digits(text)
    return tuple(bool(pattern.search(plain)) for pattern in _HOLD_PATTERNS)
