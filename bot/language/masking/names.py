"""Finds names of people: after words that lead to one (“我叫”, “我老公”), before titles, and where little else fits.

A Chinese name is a family name and one or two characters that stand in given names more often than in other words
(`names.json`, learnt from jieba's dictionary). How much more often depends on the words before. A family name with only
a title (“王先生”) stays: it identifies nobody.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from bot.language.masking.plain import Found, Plain
from bot.language.masking.surnames import COMMON, COMPOUND, SINGLE, TRANSLITERATED, WORDS_AFTER

_MARK = "[姓名]"
# The least weight of a given name after “我叫”, where nearly any name is believed.
_CERTAIN = -4.0
_RELATION = (
    r"(?:爸爸?|父亲|老爸|妈妈?|母亲|老妈|爹|娘|老公|丈夫|先生|老婆|妻子|太太|媳妇|爱人|对象|配偶|儿子|(?<!妇)女儿"
    r"|闺女|孩子|小孩|娃娃?|宝宝|大宝|二宝|哥哥?|弟弟?|姐姐?"
    r"|妹妹?|爷爷|奶奶|外公|外婆|姥姥|姥爷|岳父|岳母|公公|婆婆|女婿|儿媳妇?|孙子|孙女|外孙女?|侄子|侄女|外甥女?"
    r"|叔叔?|伯伯|阿姨|舅舅?|舅妈|姑姑|姑妈|姨妈?|表[哥弟姐妹]"
    r"|堂[哥弟姐妹]|嫂子|邻居|同事|朋友|老板|房东|同学|室友|租客|亲戚|前夫|前妻|老伴|男朋友|女朋友|未婚[夫妻]|老乡"
    r"|学生|徒弟|师父|保姆|雇主|员工)"
)
_LABEL = (
    r"(?:姓名|名字|全名|真名|本名|曾用名|原名|申请人|联系人|经办人|代办人|委托人|受托人|监护人|法人代表|法定代表人"
    r"|法人|负责人|户主|收件人|寄件人|投诉人|举报人|当事人|持证人"
    r"|患者|病人|死者|逝者|车主|业主|新郎|新娘|男方|女方|被保险人|参保人|被继承人|继承人|签字人|本人|户名|开户人"
    r"|持卡人|学生|家长)"
)
_CALLED = r"(?:名字?叫做?|名叫|叫做?|名字是|全名是|姓名是|名为)\s?"
_SURE = re.compile(
    rf"(?:(?<![一-龥])|(?:[我他她俺咱]|{_RELATION}|{_LABEL}|[大小二老位]|人家?)的?(?:大名|全名"
    rf"|名字)?[就是也又]?){_CALLED}"
    rf"|(?:{_LABEL}|{_RELATION})(?:的?名字)?\s?[:=]\s{{0,3}}"
    r"|(?:姓名|名字|全名|真名|本名|曾用名)(?:是|为|叫|改成|改为|写成|写的是|登记为)?[\s:]{0,3}"
)
_WEAK = re.compile(rf"(?:我|俺|咱|他|她)们?(?:家)?的?[大小二三老亲]?{_RELATION}(?:是|,|\s)?|{_LABEL}(?:是|为|,|\s)?")
_I_AM = re.compile(r"(?:我|本人|俺)(?:就|叫)?是\s?")
# “我是云河的”, “我是石家庄人”: where somebody comes from.
_FROM_THERE = re.compile(r"的(?:$|[^一-龥])|[人市县区镇村省]|这边|本地|户口|过来|来的|那边")
# Family names that are more often other words: they count only before a given name beyond doubt.
_DOUBTFUL = frozenset("向于时应全常从明安保计干方成车司强解能容官封平满练单")
_KIN = re.compile(_RELATION)
_TITLE = (
    r"(?:先生|女士|小姐|同志|师傅|老师|医生|大夫|护士|主任|局长|处长|科长|所长|院长|书记|镇长|村长|阿姨|叔叔|大爷"
    r"|大妈|大姐|大哥|警官|律师|法官|教授|老板|小朋友|同学)"
)
_A_TITLE = re.compile(_TITLE)
_BEFORE_A_NAME = re.compile(
    r"(?:^|[^一-龥]|[帮给替为找叫让向由请把被对和跟与及是]|投诉|举报|表扬|感谢|谢谢|咨询|关于|联系|通知|陪|带|代|接)$"
)
_AFTER_A_NAME = re.compile(
    rf"$|[^一-龥]|{_TITLE}|[的说在想要去来办是不今现已名和跟与及能可从没有给被把就也都住]|态度|服务|户口|这个|那个"
    rf"|本人|一家|夫妻|他|她|你们|怎么|什么"
)
_FULL_STOP = frozenset(
    ""
    "的了是不我你他她它们这那吗呢吧啊么什怎哪谁没去给让被把问办想要请证号局厅费税险就也都在到从与及跟呀嘛哦且但啥咋能该需岁咨询您补其后前缴交申该几"
)
_DOT = r"\s?[·•・∙⋅‧.●]\s?"
_TRANSLITERATION = "".join(sorted(TRANSLITERATED))
_DOTTED = re.compile(rf"[一-龥]{{2,12}}(?:{_DOT}[一-龥]{{2,12}}){{1,3}}")
_UNDOTTED = re.compile(rf"[{_TRANSLITERATION}]{{2,12}}(?:{_DOT}[{_TRANSLITERATION}]{{2,12}}){{0,3}}")
_NICKNAME = re.compile(r"(?:[小阿老大][一-龥]|([一-龥])\1)")
_LATIN_WORD = r"[A-Z][A-Za-z'’-]+"
_LATIN_NAMED = re.compile(
    rf"(?:\b(?i:my\s+(?:full\s+)?name\s*(?:is|'s|:)|name\s*(?:is|:|=)|called\s|named\s|i\s*am\s|i'm\s|this\s+is\s"
    rf"|mr\.?\s|mrs\.?\s|ms\.?\s|miss\s|dr\.?\s)|我叫|我是|名字?叫|叫|姓名(?:是|为)?\s?:?|名字(?:是|为)?\s?:?"
    rf"|英文名(?:是|为|叫)?\s?:?|拼音(?:是|为)?\s?:?|{_RELATION})\s{{0,3}}"
    rf"(?P<name>{_LATIN_WORD}(?:\s{{1,3}}(?:{_LATIN_WORD}|[A-Z]\.?)){{1,3}})"
)
_LATIN_CALLED = re.compile(
    r"(?:\b(?i:my\s+(?:full\s+)?name\s*(?:is|'s|:)|name\s*:)|我叫|名叫|姓名(?:是|为)?\s?:?|名字(?:是|为|叫)\s?:?"
    r"|英文名(?:是|为|叫)?\s?:?)\s{0,3}"
    r"(?P<name>[A-Za-z][A-Za-z'’-]+(?:\s{1,3}(?!(?i:and|i|want|to|how|from|in|my|the|a|can|need|please"
    r"|with)\b)[A-Za-z][A-Za-z'’-]*\.?){0,3})"
)


def find_names(plain: Plain) -> Iterator[Found]:
    text = plain.text
    yield from _latin(text)
    yield from _transliterated(text)
    yield from _led_to(text)
    yield from _alone(text)


def _led_to(text: str) -> Iterator[Found]:
    for match in _SURE.finditer(text):
        size = _sure_name(text, match.end())
        if size:
            yield Found(match.end(), match.end() + size, _MARK)
    for pattern, least in ((_WEAK, -0.8), (_KIN, 0.3), (_I_AM, -0.8)):
        for match in pattern.finditer(text):
            doubt = 2.5 if text[match.end() : match.end() + 1] in _DOUBTFUL else 0.0
            size = _chinese_name(text, match.end(), least + doubt, least_of_word=0.1 + doubt)
            if size and not (pattern is _I_AM and _FROM_THERE.match(text, match.end() + size)):
                yield Found(match.end(), match.end() + size, _MARK)


def _sure_name(text: str, start: int) -> int:
    size = _chinese_name(text, start, least=_CERTAIN, least_of_word=0)
    if size:
        return size
    undotted = _UNDOTTED.match(text, start)
    if undotted and len(undotted[0]) >= 3:
        return len(undotted[0])
    nickname = _NICKNAME.match(text, start)
    return 2 if nickname and _weight(nickname[0]) > 0 else 0


def _chinese_name(text: str, start: int, least: float, least_of_word: float) -> int:
    """How long the name that begins at `start` is; 0 if none does."""
    return next(iter(_sizes(text, start, least, least_of_word)), 0)


def _sizes(text: str, start: int, least: float, least_of_word: float) -> Iterator[int]:
    """How long a name that begins at `start` may be, the longer first.

    `least`: the least weight of the given name; `least_of_word`: the same where an ordinary word begins with the family
    name.
    """
    if text[start : start + 2] in COMPOUND:
        yield from (size for size in (4, 3) if _is_given(text[start + 2 : start + size], size - 2))
    elif text[start : start + 1] in SINGLE:
        for size in (3, 2):
            given = text[start + 1 : start + size]
            goes_on = text[start + size - 1 : start + size + 1] in WORDS_AFTER
            if _is_given(given, size - 1) and not goes_on and _weighs(text, start, given, least, least_of_word):
                yield size


def _weighs(text: str, start: int, given: str, least: float, least_of_word: float) -> bool:
    if not _starts_word(text, start, len(given) + 1):
        return _weight(given) > least
    # “安徽人”: a character that is in many names does not turn a word into a name.
    return _weight(given) > least_of_word and (least <= _CERTAIN or (len(given) == 2 and _lightest(given) > -0.9))


def _is_given(given: str, size: int) -> bool:
    return len(given) == size and all("一" <= character <= "龥" and character not in _FULL_STOP for character in given)


def _starts_word(text: str, start: int, size: int) -> bool:
    words = _learnt()[1]
    return any(text[start : start + length] in words for length in range(2, 5) if length >= size or length == 2)


def _weight(given: str) -> float:
    weights = _learnt()[0]
    return sum(weights.get(character, -3.0) for character in given)


def _lightest(given: str) -> float:
    return min(_learnt()[0].get(character, -3.0) for character in given)


def _alone(text: str) -> Iterator[Found]:
    """“帮王建国办”, “张伟先生”: no word leads to the name, so the name must look like one and like nothing else."""
    for start, character in enumerate(text):
        if character in COMMON or text[start : start + 2] in COMPOUND:
            sizes = _sizes(text, start, least=0.1, least_of_word=2.5)
            size = next((size for size in sizes if _stands_alone(text, start, start + size)), 0)
            if size:
                yield Found(start, start + size, _MARK)


def _stands_alone(text: str, start: int, end: int) -> bool:
    if _A_TITLE.match(text, end):
        return True
    is_before = _BEFORE_A_NAME.search(text[max(0, start - 2) : start]) is not None
    return is_before and _AFTER_A_NAME.match(text, end) is not None


def _transliterated(text: str) -> Iterator[Found]:
    for match in _DOTTED.finditer(text):
        start, end = _trimmed(text, *match.span())
        letters = [character for character in text[start:end] if "一" <= character <= "龥"]
        if letters and sum(character in TRANSLITERATED for character in letters) * 5 >= len(letters) * 3:
            yield Found(start, end, _MARK)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without “我叫” before and “想办” after: from the first to the last stretch of characters that such names have."""
    while start < end and text[start] not in TRANSLITERATED:
        start += 1
    while end > start and text[end - 1] not in TRANSLITERATED:
        end -= 1
    return start, end


def _latin(text: str) -> Iterator[Found]:
    for pattern in (_LATIN_NAMED, _LATIN_CALLED):
        for match in pattern.finditer(text):
            yield Found(*match.span("name"), _MARK)


@lru_cache(maxsize=1)
def _learnt() -> tuple[dict[str, float], frozenset[str]]:
    read = json.loads(Path(__file__).with_name("names.json").read_text(encoding="utf-8"))
    return read["given"], frozenset(read["words"])
