"""The rows of a city's catalogue, by table; `docs/catalogue-files.md` describes them."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from bot.catalogue.models import BOOKING_ADDRESS, ONLINE_ADDRESS
from bot.catalogue.time_limits import TimeLimit
from bot.catalogue.vocabulary import DEPARTMENT_CODE, ITEM_CODE
from bot.links import NOT_SECURE, is_secure_address
from bot.tabular import Day, Lines, Number, PublicRow, YesNo, folded


def _statutory(cell: object) -> int | None:
    """“20个工作日” → 20. What the law counts in another unit is told in its words."""
    if folded(str(cell)) == "":
        return None
    try:
        days = TimeLimit.parse(cell).working_days
    except ValueError:
        days = None
    if days is None:
        raise ValueError("只填工作日的数；不按工作日算的，这里留空，原话写在“法定时限说明”")
    return days


def _code(cell: object) -> object:
    if isinstance(cell, str) and re.fullmatch(r"\d{1,10}", cell):
        raise ValueError("位数不够，开头的 0 可能丢了；请把这一列设成“文本”，从系统重新导出")
    return cell


ItemCode = Annotated[str, BeforeValidator(_code)]
StatutoryDays = Annotated[int | None, BeforeValidator(_statutory)]
Promised = Annotated[TimeLimit, BeforeValidator(TimeLimit.parse)]
Degrees = Annotated[float | None, BeforeValidator(lambda cell: None if cell == "" else cell)]
Channel = Literal["线下", "线上", "线上线下"]


def _secure_address(cell: str) -> str:
    if cell and not is_secure_address(cell):
        raise ValueError(NOT_SECURE)
    return cell


SecureAddress = Annotated[str, AfterValidator(_secure_address)]


class CityRow(PublicRow):
    name: str = Field(alias="城市", min_length=1)
    is_sample: YesNo = Field(alias="样例")
    hotline: str = Field(alias="热线", min_length=1)
    hotline_hours: str = Field(alias="热线时间")
    portal_url: str = Field(alias="门户", pattern=r"^(https?://\S+)?$")


class DepartmentRow(PublicRow):
    code: str = Field(alias="部门编码", pattern=rf"^(?:{DEPARTMENT_CODE})$")
    name: str = Field(alias="部门名称", min_length=1)
    short_names: Lines = Field(alias="简称")
    phone: str = Field(alias="电话", min_length=1)


class DistrictRow(PublicRow):
    """`streets`: a line each, “和园街道：和园路、安澜路” with the roads and communities that belong to it."""

    name: str = Field(alias="区县", min_length=2)
    aliases: Lines = Field(default_factory=list, alias="别称")
    streets: Lines = Field(default_factory=list, alias="街道")

    @property
    def places_by_street(self) -> dict[str, list[str]]:
        split = (re.split("[：:]", line, maxsplit=1) for line in self.streets)
        return {
            street.strip(): [place.strip() for place in re.split("[、，,]", "".join(places)) if place.strip()]
            for street, *places in split
        }


class OfficeRow(PublicRow):
    code: str = Field(alias="地点编码", min_length=1)
    name: str = Field(alias="地点名称", min_length=1)
    address: str = Field(alias="地址", min_length=1)
    hours: str = Field(alias="办公时间", min_length=1)
    phone: str = Field(alias="电话", min_length=1)
    directions: str = Field(alias="交通")
    branch_of: str = Field("", alias="所属地点")
    district: str = Field("", alias="区县")
    streets: Lines = Field(default_factory=list, alias="服务街道")
    duty: str = Field("", alias="职责")
    longitude: Degrees = Field(None, alias="经度", ge=73, le=136)
    latitude: Degrees = Field(None, alias="纬度", ge=3, le=54)


class RemedyOfficeRow(PublicRow):
    way: Literal["行政复议", "行政诉讼", "投诉举报"] = Field(alias="途径")
    department: str = Field(alias="部门")
    organ: str = Field(alias="机关", min_length=1)
    received_by: str = Field(alias="收件处")
    address: str = Field(alias="地址")
    phone: str = Field(alias="电话")
    url: str = Field(alias="网址", pattern=r"^(https?://\S+)?$")


class ItemRow(PublicRow):
    code: ItemCode = Field(alias="事项编码", pattern=rf"^(?:{ITEM_CODE})$")
    name: str = Field(alias="事项名称", min_length=1)
    kind: Literal[
        "行政许可",
        "行政处罚",
        "行政强制",
        "行政征收",
        "行政给付",
        "行政检查",
        "行政确认",
        "行政奖励",
        "行政裁决",
        "行政备案",
        "公共服务",
        "其他行政权力",
    ] = Field(alias="事项类型")
    department: str = Field(alias="实施部门", min_length=1)
    applicant: Literal["自然人", "法人", "自然人/法人"] = Field(alias="服务对象")
    summary: str = Field(alias="简介", min_length=1)
    conditions: Lines = Field(alias="受理条件", min_length=1)
    statutory_days: StatutoryDays = Field(alias="法定时限(工作日)")
    statutory_note: str = Field(alias="法定时限说明", min_length=1)
    promised: Promised = Field(alias="承诺时限(工作日)")
    has_fee: YesNo = Field(alias="是否收费")
    fee: str = Field(alias="收费标准", min_length=1)
    fee_basis: str = Field(alias="收费依据", min_length=1)
    office: str = Field(alias="地点编码", min_length=1)
    window: str = Field(alias="窗口")
    channel: Channel = Field(alias="办理形式")
    online_note: str = Field(alias="网办说明", min_length=1)
    visit_count: Number = Field(alias="到场次数", ge=0)
    result: str = Field(alias="结果名称", min_length=1)
    result_validity: str = Field(alias="结果有效期", min_length=1)
    delivery: str = Field(alias="送达方式", min_length=1)
    complaints_phone: str = Field(alias="监督电话", min_length=1)
    recorded_on: Day = Field(alias="更新日期")
    note: str = Field(alias="备注")
    districts: Lines = Field(default_factory=list, alias="办理区县")
    online_address: SecureAddress = Field("", alias="在线办理地址")
    booking_address: SecureAddress = Field("", alias="预约地址")

    @property
    def addresses(self) -> dict[str, str]:
        """Those that the city gives, by heading, as they are kept in `Item.particulars`."""
        both = {ONLINE_ADDRESS: self.online_address, BOOKING_ADDRESS: self.booking_address}
        return {heading: address for heading, address in both.items() if address}


class PartRow(PublicRow):
    item: str = Field(alias="事项编码", min_length=1)
    position: Number = Field(alias="序号", ge=1)


class MaterialRow(PartRow):
    name: str = Field(alias="材料名称", min_length=1)
    form: Literal["原件", "复印件", "原件和复印件", "电子件"] = Field(alias="材料形式")
    copies: Number = Field(alias="份数", ge=1)
    issuer: str = Field(alias="出具单位", min_length=1)
    waiver: Literal["不免交", "告知承诺", "电子证照", "内部核验"] = Field(alias="免交方式")
    necessity: Literal["必要", "视情形"] = Field(alias="必要性")
    # A city without guided questions has no such column.
    situations: Lines = Field(default_factory=list, alias="适用情形")
    note: str = Field(alias="说明")


class StepRow(PartRow):
    name: str = Field(alias="环节", min_length=1)
    detail: str = Field(alias="说明", min_length=1)
    time: str = Field(alias="时限", min_length=1)


class LegalBasisRow(PartRow):
    law: str = Field(alias="法规名称", min_length=1)
    article: str = Field(alias="条款", min_length=1)
    gist: str = Field(alias="内容摘要", min_length=1)


class ListedMaterialRow(PartRow):
    """A material of which an implementation list says only the name."""

    name: str = Field(alias="材料名称", min_length=1)

    def whole(self) -> MaterialRow:
        return MaterialRow.model_construct(
            **self.model_dump(),
            form="",
            copies=0,
            issuer="",
            waiver="",
            necessity="必要",
            situations=[],
            note="",
        )


class ListedStepRow(PartRow):
    name: str = Field(alias="环节", min_length=1)

    def whole(self) -> StepRow:
        return StepRow.model_construct(**self.model_dump(), detail="", time="")


class ListedLegalBasisRow(PartRow):
    law: str = Field(alias="法规名称", min_length=1)
    article: str = Field("", alias="条款")
    gist: str = Field("", alias="内容摘要")

    def whole(self) -> LegalBasisRow:
        return LegalBasisRow.model_construct(**self.model_dump())


class SituationRow(PublicRow):
    item: str = Field(alias="事项编码", min_length=1)
    question_number: Number = Field(alias="问题序号", ge=1, le=3)
    question: str = Field(alias="问题", min_length=1)
    title: str = Field(alias="选项", min_length=1, max_length=20)
    keywords: Lines = Field(alias="关键词")
    conditions: Lines = Field(alias="受理条件")
    fee: str = Field(alias="收费")
    steps: Lines = Field(alias="流程")
    is_elsewhere: YesNo = Field(alias="另办")
    note: str = Field(alias="说明")


class RelatedRow(PublicRow):
    item: str = Field(alias="事项编码", min_length=1)
    target: str = Field(alias="关联", min_length=1)
    reason: str = Field(alias="理由", min_length=1)


class AliasRow(PublicRow):
    code: str = Field(alias="编码", min_length=1)
    text: str = Field(alias="别名", min_length=2)


class JointServiceRow(PublicRow):
    code: str = Field(alias="编码", pattern=rf"^(?:{ITEM_CODE})$")
    name: str = Field(alias="名称", min_length=1)
    department: str = Field(alias="牵头部门", min_length=1)
    items: Lines = Field(alias="事项", min_length=1)
    summary: str = Field(alias="简介", min_length=1)
    steps: Lines = Field(alias="流程", min_length=1)
    material_notes: Lines = Field(alias="材料说明", min_length=1)
    promised: Promised = Field(alias="承诺时限(工作日)")
    office: str = Field(alias="地点编码", min_length=1)
    window: str = Field(alias="窗口", min_length=1)
    channel: Channel = Field(alias="办理形式")
    complaints_phone: str = Field(alias="监督电话", min_length=1)
    recorded_on: Day = Field(alias="更新日期")


class AbsentMatterRow(PublicRow):
    name: str = Field(alias="名称", min_length=2)
    aliases: Lines = Field(alias="别名")
    in_charge: str = Field(alias="主管单位")
    note: str = Field(alias="说明")
