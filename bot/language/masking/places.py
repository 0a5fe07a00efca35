"""Finds where people live (streets with a house, estates with a building, villages, rooms) and coordinates.

A road, a town or a district alone stays, and so does the address of an office: people ask for those.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.language.masking.plain import Found, Plain

_ADDRESS, _POSITION = "[地址]", "[位置]"
# Characters that names of places have; no verbs, particles and pronouns.
_NAME = r"[一-龥](?<![的在吗呢怎办去要是我你他她到哪什么不了请问住搬租寄叫给就也都于及或离这与])"
_NUMBER = r"(?:\d{1,5}|[零〇一二三四五六七八九十百两]{1,5})"
_LETTER = r"[A-Za-z甲乙丙丁东西南北]"
_UNIT = r"(?:号楼|号院|号|栋|幢|座|弄|单元|层|楼|室|户|门|房间?|#|组|社|队|期|区)"
_NO_OFFICE_AFTER = r"(?!线|窗|柜|台|文|令|公告|大?厅|员|诊|服务)"
_HOUSE = rf"(?:(?:{_NUMBER}|{_LETTER}\d{{0,4}})(?:\s?[-—~之]\s?{_NUMBER}){{0,4}}\s?{_UNIT}{_NO_OFFICE_AFTER})"
_ROOM = r"(?:\d{1,3}(?:-\d{1,4}){1,3}|\d{3,4}(?!\d|年|元)(?:\s?(?:室|号|房))?)"
_HOUSES = rf"(?:{_HOUSE}(?:[\s,、-]{{0,2}}{_HOUSE}){{0,4}}(?:[\s-]?{_ROOM})?)"
_ROAD = r"(?:大道|大街|胡同|路|街|巷)"
_ESTATE = (
    r"(?:小区|花园|家园|公寓|新村|花苑|嘉苑|新苑|苑|嘉园|佳园|华庭|雅居|华府|豪庭|山庄|别墅|宿舍|家属院|大院|公馆"
    r"|名城|新城|广场|大厦|安置房|庄园|城|园|庭|(?<!政)府|湾|郡|邸)"
)
_VILLAGE = r"(?:村|屯|寨|庄|营子?|社区|嘎查)"
# A region ends at the first of these characters, so that a text of nothing but “市” can be matched in one way only.
_REGION_END = "省市区县旗州盟镇乡"
_REGION = rf"(?:{_NAME}(?:(?![{_REGION_END}]){_NAME}){{0,7}}(?:自治)?[{_REGION_END}]|(?:{_NAME}){{1,4}}?街道)"
_ROAD_HOUSE = re.compile(
    rf"(?:{_REGION}){{0,5}}(?:{_NAME}){{1,8}}?{_ROAD}(?:(?:{_NAME}){{1,6}}?{_ROAD})?(?:[东西南北中]段)?\s?(?=\d"
    rf"|[零〇一二三四五六七八九十百]+[号弄栋幢])"
    rf"{_HOUSE}{{1,5}}(?:(?:{_NAME}){{2,8}}{_HOUSES})?{_ROOM}?"
)
_ESTATE_HOUSE = re.compile(rf"(?:{_REGION}){{0,5}}(?:{_NAME}|[A-Za-z]){{2,10}}?{_ESTATE}\s?{_HOUSES}")
_BUILDING = rf"(?:{_NUMBER}|{_LETTER}\d?)\s?(?:栋|幢|号楼|座|#楼?)"
_BUILDING_ROOM = re.compile(
    rf"(?:{_BUILDING}\s?[,-]?\s?{_NUMBER}\s?单元(?:{_HOUSE}{{0,3}}{_ROOM}?)|{_NUMBER}\s?单元\s?(?:{_HOUSE}{{1,3}}"
    rf"|{_ROOM})|{_BUILDING}\s?-?\s?{_ROOM})"
)
_VILLAGE_GROUP = re.compile(
    rf"(?:{_REGION}){{0,5}}(?:{_NAME}){{2,6}}?{_VILLAGE}\s?(?:{_NUMBER}\s?(?:组|社|队|号){_NO_OFFICE_AFTER}\s?){{1,3}}"
)

# Endings of names that are a place to live even without a house number.
_KNOWN = (
    r"(?:村|屯|寨|庄|社区|嘎查|大道|大街|胡同|路(?!灯|口|费|上|边)|街(?!上|边|道)|巷|小区|花园|家园|公寓|新村|花苑"
    r"|嘉苑|新苑|嘉园|佳园|华庭|雅居|华府|豪庭|山庄|别墅|家属院|大院|公馆|名城)"
)
_SOMEWHERE = rf"(?:{_NAME}(?:(?![{_REGION_END}]){_NAME}){{1,7}}?{_KNOWN})"
_CHAIN = rf"(?P<place>(?:{_REGION}){{0,5}}{_SOMEWHERE}{{1,2}}\s?(?:{_HOUSES}|{_ROOM})?|(?:{_REGION}){{0,5}}{_HOUSES})"
_LIVES = (
    r"(?:(?:居住|现住|暂住|租住|入住|搬到|搬去|搬来|租(?:房|的房子)?|住址|住处|家住|家|住)(?!建|房|院|宿|宅|户|所"
    r"|证|不|哪|几|满|过|委|长|庭)(?:在|址|于|是|为|到|的地方)?"
    r"|(?:家庭|我家?的?|现|通讯|收货|邮寄|联系|详细|户籍|本人)?(?:住址|地址)(?:[是为在:]|\s)|户籍(?:地"
    r"|所在地)?(?:[是为在:])|户口(?:所在地)?(?:[在是:])|老家(?:在|是)?|籍贯(?:是|为|:)?|"
    r"(?:寄|送|邮|快递)(?:到|去|给|至)|房子在|房屋坐落|坐落(?:于|在)?|本人在|人在)\s?[:]?\s?"
)
_LIVES_AT = re.compile(_LIVES + _CHAIN)
_FROM_VILLAGE = re.compile(
    rf"(?:我|本人|他|她|我家|我们家)(?:家)?(?:是|在)(?P<place>(?:{_REGION}){{0,5}}(?:{_NAME}){{2,6}}?(?:村|屯|寨"
    rf"|社区|嘎查))(?:的|人|村民|居民|$|\W)"
)
_NO_PLACE = re.compile(
    r"(?:农|乡|本|外|邻|城中|全|新农|各|那个|一个|贫困|老旧|同一|某个?|商品|其他|别的)(?:村|小区|社区|路|街|城|园"
    r"|里)|人民政府|城里|公园|学校宿舍|单位宿舍|员工宿舍|集体宿舍|幼儿园|隔壁|门口|附近|对面|旁边"
)
_OFFICE_BEFORE = re.compile(
    r"(?:局|委员会|派出所|医院|车站|中心|大厅|窗口|政府|法院|学校|大学|中学|小学|幼儿园|银行|办事处|服务站|所"
    r"|办公室|图书馆|博物馆|政务服务|公司)"
    r"(?:的|地址|位于|在|搬到|搬至|迁到|迁至|设在|是|为|[:\s(,])*$"
)
_OFFICE_AFTER = re.compile(
    r"[^,。!?;]{0,4}?(?:派出所|政务|大厅|中心|窗口|办事处|医院|小学|中学|幼儿园|法院|社区服务|银行|图书馆|车管所"
    r"|营业厅|税务|怎么走)"
)

_DEGREES = r"-?\d{1,3}(?:\.\d{3,10}|\s?[°度]\s?(?:\d{1,2}(?:\.\d+)?\s?['′分]?\s?(?:\d{1,2}(?:\.\d+)?\s?[\"″秒]?)?)?)"
_POSITIONS = (
    re.compile(rf"(?<![\d.])(?P<place>[NEne]?{_DEGREES}\s?[NEne]?\s?[,;\s/]\s?[NEne]?{_DEGREES}\s?[NEne]?)(?!\d)"),
    re.compile(
        r"(?:经度|纬度|东经|北纬|西经|南纬|坐标|定位|位置|(?i:gps|lng|lon|lat))\s?[是为:=在(]?\s?"
        r"(?P<place>-?\d{1,3}(?:\.\d+|\s?[°度][\d°度'′\"″分秒.\s]*))"
    ),
    re.compile(r"(?<![A-Za-z])(?P<place>[NEne]\s?\d{1,3}\.\d{3,10})"),
)


def find_places(plain: Plain) -> Iterator[Found]:
    text = plain.text
    for pattern in _POSITIONS:
        for match in pattern.finditer(text):
            yield Found(*match.span("place"), _POSITION)
    for pattern in (_LIVES_AT, _FROM_VILLAGE):
        for match in pattern.finditer(text):
            if not _NO_PLACE.search(match["place"]) and not _OFFICE_AFTER.match(text, match.end("place")):
                yield Found(*match.span("place"), _ADDRESS)
    for pattern in (_ROAD_HOUSE, _ESTATE_HOUSE, _VILLAGE_GROUP, _BUILDING_ROOM):
        for match in pattern.finditer(text):
            if not _is_an_office(text, *match.span()):
                yield Found(*match.span(), _ADDRESS)


def _is_an_office(text: str, start: int, end: int) -> bool:
    return bool(_OFFICE_BEFORE.search(text[max(0, start - 16) : start]) or _OFFICE_AFTER.match(text, end))
