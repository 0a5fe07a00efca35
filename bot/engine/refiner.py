"""Sets the intent where entities or patterns found in the message leave no doubt about it."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import (
    ENTITIES,
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message

from bot.engine.acts import is_settled
from bot.language.contacts import only_leaves_contact
from bot.language.districts import ONLY_PLACE
from bot.language.errands import (
    asks_what_may_be_asked_for,
    asks_what_to_do_against_refusal,
    is_about_own_request,
    tells_of_an_earlier_request,
)
from bot.language.facets import ITEM_INTENTS

# Entities that allow only one intent.
_SETTLED_BY = {
    "route": "ask_route",
    "receipt": "ask_disclosure_status",
    "query_code": "ask_disclosure_status",
    "ordinal": "choose",
    ONLY_PLACE: "ask_place",
}

# “确认删除”, and plain requests to delete one's own records. Deleting a draft or a document is not meant.
_CONFIRMS_DELETION = re.compile(r"(?:是的?,?)?(?:我)?(?:确认|确定)(?:要)?删(?:除|掉|了)(?:记录|我的记录)?[。.!了吧]*")
_DELETES_RECORDS = re.compile(
    r"(?:删|清|抹|注销)(?:除|掉|了|空|去)?.{0,4}(?:我|个人|聊天|对话|历史|刚才|这段).{0,8}(?:记录|信息|数据|资料|聊天|对话|的话)"
    r"|(?:我|个人|聊天|对话|历史|刚才|这段).{0,8}(?:记录|信息|数据|资料|聊天|对话|的话).{0,6}(?:删|清空|清除|抹掉|注销)"
)

_OTHERS_RECORDS = re.compile("犯罪|违法|信用|失信|征信|处罚|案底|户口|档案|银行|学籍|申请")
# “我是记者，想申请公开…”: a wish to file a request that says what is wanted. Questions about an earlier request are
# excluded.
_WISHES_TO_FILE = re.compile(
    r"(?!.*(?:答复|回复|没有|到现在|进度|超期|拒绝|不予))(?=.*(?:想|要|请|帮)).*申请(?:政府|依法)?公开.{4,}"
)
# Intents of courtesy, of a form, or of an earlier answer → words of which one must be said. The classifier alone also
# finds them in sentences of other matters, such as “我妈和我姐也有份” or “低保边缘户有什么帮助”.
_MUST_SAY = {
    "leave_contact": re.compile(
        r"电话|手机|号码|邮箱|邮件|联系|微信|座机|短信|回电|打给我|通知我|告[诉知]我一声|留[个一下言]|\d{7}|@"
    ),
    "forgot_query_code": re.compile("查询?密?码|查进度|(?<![密证维康条号代])码"),
    "greet": re.compile(
        "[您你家志师]好|[早上中下晚]好|早上|上午|下午|晚上|[新节]|在[吗不线]|人[吗在]|喂|嗨|哈喽|h[ie]|morning|ni ?hao"
        "|打扰|^早|^重?新?开始$|咨询|问一?[问下个您你]|想问|有事|来了|辛苦"
    ),
    "thank": re.compile(
        "谢|3q|thank|xie ?xie|棒|好用|有用|清楚|赞|满意|不错|辛苦|麻烦|懂|明白"
        "|^好|知道了|^收到|了解|^行|^嗯|^哦|^ok|^帮"
    ),
    "goodbye": re.compile(
        "再见|拜|88|bye|zai ?jian|见$|聊|走了|没(?:有)?(?:了|别的|问题|事)|不[问查办想说]|这[些样儿][吧了]?$"
        "|结束|退出|关闭|晚安|溜|再来|再问|挂|下线|改天|暂时"
    ),
    "who_are_you": re.compile(
        "[你您]|谁(?!来?[管办负处]|的)|机器|人工|是人|助手|自己|自我|怎么用|使用|^帮助$|help|平台|窗口|这里|ai|问[些啥]"
    ),
    "handoff": re.compile(
        "人工|真人|客服|坐席|找|转|接|[叫换让派]|来个?人|跟人|和人|与人|和工作|机器|联系|留言|回个?话|打电话|电话"
    ),
    "ask_disclosure_status": re.compile(
        "公开|信公|申请|回执|受理|查询码|编号|单号|xxgk|进度|进展|答复|办[到理好完结]|到哪|审批|结果|到期|延期|状态"
    ),
    "more": re.compile(
        "^(?=.{1,12}$).*(?:更多|还有|继续|接[着下]|往下|剩|余下|下一|其[他它余]|再|然后|后面|没了|别的|多|展开|全文|显示|说完|more)"
    ),
}
_OF_DISCLOSURE = re.compile("公开|信公|信息|回执|查询码|xxgk")
_INFORMATION = re.compile("公开|信公|依申请|信息|文件|数据|接着|继续|往下|填")
_ASKS = re.compile(r"[吗么?]$|多少|多久|几天|要不要|怎么|什么是")
_ASKS_HOW_FAR = re.compile(r"(?:没有?|了吗|到哪.{0,4}|怎么样了?)[了啊呀?]*$")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class IntentRefiner(GraphComponent):
    """Runs after classifier and recogniser, before the fallback classifier."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"doubtful_below": 0.4}

    def __init__(self, doubtful_below: float) -> None:
        self._doubtful_below = doubtful_below

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntentRefiner:
        return cls(config["doubtful_below"])

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            settled = self._settled(message)
            if settled:
                intent = {INTENT_NAME_KEY: settled, PREDICTED_CONFIDENCE_KEY: 1.0}
                others = [other for other in message.get(INTENT_RANKING_KEY, []) if other[INTENT_NAME_KEY] != settled]
                message.set(INTENT, intent, add_to_output=True)
                message.set(INTENT_RANKING_KEY, [intent, *others], add_to_output=True)
            _keep_matters_of_items_only(message)
        return messages

    def _settled(self, message: Message) -> Text | None:
        if is_settled(message):
            return None
        found: Dict[Text, List[Text]] = {}
        for entity in message.get(ENTITIES, []):
            found.setdefault(entity["entity"], []).append(entity["value"])
        for name, intent in _SETTLED_BY.items():
            if name in found:
                return intent
        text = message.get(TEXT) or ""
        if only_leaves_contact(text):
            return "leave_contact"
        about_records = _about_records(text)
        if about_records:
            return about_records
        if asks_what_to_do_against_refusal(text):
            return "ask_policy"
        if is_about_own_request(text) or tells_of_an_earlier_request(text):
            return "ask_disclosure_status"
        if _wishes_to_file(text):
            return "file_disclosure"
        intent = message.get(INTENT) or {}
        if not _may_mean(intent.get(INTENT_NAME_KEY), message):
            return _question(message)
        if intent.get(INTENT_NAME_KEY) == "ask_disclosure_status" and (
            asks_what_may_be_asked_for(text) or _asks_of_another_matter(message, found)
        ):
            return "ask_policy"
        is_about_an_item = intent.get(INTENT_NAME_KEY) in ITEM_INTENTS
        if intent.get(INTENT_NAME_KEY) == "file_disclosure":
            return _filed_or_asked(message)
        if intent.get(INTENT_NAME_KEY) == "ask_receipt_number" and not _names_a_receipt(message):
            return _question(message)
        if intent.get(INTENT_NAME_KEY) == "ask_route":
            return _without_route(message, found)
        if intent.get(INTENT_NAME_KEY) == "feedback_wrong" and "item" in found:
            return "choose"  # “不对，是租房的”: a complaint that names an item is a correction
        if is_about_an_item and "no_matter" in found:
            return "ask_policy"
        if (
            "item" in found
            and not is_about_an_item
            and intent.get(PREDICTED_CONFIDENCE_KEY, 0.0) < self._doubtful_below
        ):
            return f"ask_{found['facet'][0]}" if "facet" in found else "ask_overview"
        return None


def _about_records(text: Text) -> Text | None:
    if _CONFIRMS_DELETION.fullmatch(text):
        return "confirm_deletion"
    return "delete_records" if _DELETES_RECORDS.search(text) and not _OTHERS_RECORDS.search(text) else None


def _wishes_to_file(text: Text) -> bool:
    return bool(_WISHES_TO_FILE.match(text)) and not (_ASKS.search(text) or _ASKS_HOW_FAR.search(text))


def _filed_or_asked(message: Message) -> Text | None:
    """“申请公开…” begins a request only if it is not a question and the citizen applies for information."""
    text = message.get(TEXT) or ""
    if text.startswith("/"):
        return None  # the button
    if _ASKS_HOW_FAR.search(text):
        return "ask_disclosure_status"
    if _ASKS.search(text):
        return "ask_policy"
    if not _INFORMATION.search(text):
        return _question(message)
    return None


def _names_a_receipt(message: Message) -> bool:
    """Whether a receipt number is asked for, not another number (“序列号”) or a person."""
    return bool(re.search(r"回执|受理|编号|申请|XXGK|刚", message.get(TEXT) or "")) and "人工" not in message.get(TEXT)


def _may_mean(intent: Text, message: Message) -> bool:
    text = message.get(TEXT) or ""
    return text.startswith("/") or intent not in _MUST_SAY or bool(_MUST_SAY[intent].search(text.lower()))


def _asks_of_another_matter(message: Message, found: Dict[Text, List[Text]]) -> bool:
    """“我申请的廉租房咋样了”: how far something is that is no request for information."""
    matters = [*found.get("item", []), *filter(None, found.get("unknown_matter", []))]
    return bool(matters) and not _OF_DISCLOSURE.search((message.get(TEXT) or "").lower())


def _question(message: Message) -> Text:
    """The likeliest intent of a question. Wishes and acts are left to the patterns that find them."""
    likely = (other[INTENT_NAME_KEY] for other in message.get(INTENT_RANKING_KEY, []))
    return next((name for name in likely if name in ITEM_INTENTS), "ask_policy")


def _without_route(message: Message, found: Dict[Text, List[Text]]) -> Text:
    """The intent if the classifier says route but no phrase of a route was found: about the matter found, else out of
    scope."""
    if "item" not in found and "unknown_matter" not in found:
        return "out_of_scope"
    likely = (other[INTENT_NAME_KEY] for other in message.get(INTENT_RANKING_KEY, []))
    return next((name for name in likely if name in ITEM_INTENTS), "ask_overview")


def _keep_matters_of_items_only(message: Message) -> None:
    """Drops `only_place`, `no_matter` and, unless an item is asked about, `unknown_matter`: a greeting names no matter
    either."""
    is_about_an_item = (message.get(INTENT) or {}).get(INTENT_NAME_KEY) in ITEM_INTENTS
    dropped = {ONLY_PLACE, "no_matter"} | (set() if is_about_an_item else {"unknown_matter"})
    kept = [entity for entity in message.get(ENTITIES, []) if entity["entity"] not in dropped]
    message.set(ENTITIES, kept, add_to_output=True)
