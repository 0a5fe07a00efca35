"""Filing a disclosure request in chat: the questions, the help, the summary, the receipt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from bot.catalogue.models import Department
from bot.conversations.outcomes import Outcome
from bot.conversations.subjects import FilingDone, FilingStep
from bot.disclosures.answers import DELIVERIES, FORMS, KINDS, POST, Field, is_person
from bot.disclosures.clock import Assessment
from bot.disclosures.draft import Draft
from bot.disclosures.filing import Filed
from bot.disclosures.identity import mask_applicant
from bot.disclosures.models import Request
from bot.disclosures.terms import ApplicantKind
from bot.documents.models import Document
from bot.language.masking import mask, mask_contact
from bot.referrals.models import Route
from bot.replies.lists import day_in_words, numbered
from bot.replies.reply import PERSON, Button, Reply

START = Button.to("申请信息公开", "file_disclosure")
RESUME = Button.to("接着填申请", "file_disclosure")
_STOP = Button("先不填了", "先不填了")
_NOT_NEEDED = Button("不用申请了", "不用申请了")
_ANYWAY = Button("仍按这个申请", "仍按这个申请")
_CONFIRM = Button("确认提交", "确认提交")

KIND_NAMES = {
    ApplicantKind.NATURAL_PERSON.value: "个人",
    ApplicantKind.COMPANY.value: "公司企业",
    ApplicantKind.RESEARCH.value: "科研机构",
    ApplicantKind.SOCIAL.value: "社会公益组织",
    ApplicantKind.LEGAL_SERVICE.value: "律师事务所等法律服务机构",
    ApplicantKind.OTHER.value: "其他组织",
}
_TITLES = {
    Field.INFORMATION: "申请内容",
    Field.DEPARTMENT: "受理机关",
    Field.APPLICANT_KIND: "申请人类型",
    Field.NAME: "姓名或者名称",
    Field.IDENTITY: "证件",
    Field.CONTACT: "联系方式",
    Field.FORM: "信息的形式",
    Field.DELIVERY: "获取方式",
    Field.ADDRESS: "收件地址",
}
_PROBLEMS = {
    "too_short": "写得太短，找不到是哪份信息。",
    "too_long": "写得太长了，请压到 500 字以内，一份申请最好只要一类信息。",
    "not_a_choice": "没有听明白选哪一个。",
    "no_department": "没有认出是哪个机关。",
    "no_name": "这不像一个姓名。要写证件上的姓名，匿名的申请机关没法答复。",
    "no_organisation": "这不像一个单位的名称。",
    "no_identity_number": "没有看到 18 位的身份证号。",
    "wrong_identity_number": "这个身份证号核对不上，可能写错了一位。",
    "no_credit_code": "统一社会信用代码是 18 位，这个核对不上，请对照营业执照或者登记证书再写一遍。",
    "no_contact": "没有看到电话或者邮箱。",
    "no_mail_address": "没有看到邮箱地址。",
    "no_postal_address": "地址请写到门牌号，不然寄不到。",
    "not_confirmed": "还没有提交。",
}
_HELP = {
    Field.INFORMATION: "写清楚才好找：名称或者文号，年份、地区、单位越具体越好，像“清江区2025年公共停车场建设计划”。"
    "不用说明用途。",
    Field.DEPARTMENT: "信息由谁制作，就向谁申请；拿不准的，选最接近的一个，不归它的，它会告诉您该找谁。",
    Field.APPLICANT_KIND: "替单位申请的选单位的类型；为自己申请的选个人。",
    Field.NAME: "法律要求申请里写申请人的姓名或者名称。只用来办这件申请，加密保存，不会公开。",
    Field.IDENTITY: "法律要求申请里有身份证明。个人写身份证号，没有的写护照、通行证名称和号码；单位写统一社会信用代码。"
    "加密保存，别处只显示遮住的样子。",
    Field.CONTACT: "要补正、要答复时，机关用它找您。手机、座机、邮箱都可以。",
    Field.FORM: "想要复印件选纸质，想要文件选电子，想到现场看选查阅。",
    Field.DELIVERY: "选网上查看的，凭回执号和查询码在这里看答复的结果、理由和说明；"
    "受理机关放到网上的文书和附件，在页面下方的“查看信息公开答复”里下载，没有放的联系它领取。",
    Field.ADDRESS: "邮寄的写到门牌号；电子邮件的写邮箱地址。",
}
_ARTICLE = "《政府信息公开条例》第二十九条"

# The text of a question, and the buttons under it.
_Question = tuple[str, tuple[Button, ...]]


def ask(draft: Draft, departments: Mapping[str, Department], notice: str = "") -> Reply:
    """The next question, or the summary if nothing is missing; `notice` comes before it."""
    if draft.asked is None:
        return _summary(draft, departments, notice)
    question, buttons = _QUESTIONS[draft.asked](draft, departments)
    return _step(draft, notice, question, buttons)


def begin(draft: Draft, departments: Mapping[str, Department]) -> Reply:
    if draft.answers:
        return go_on(draft, departments)
    notice = (
        f"可以在这里申请公开政府信息，一共不到十个问题（{_ARTICLE}），一般不收费。随时可以说“先不填了”“上一步”“帮助”。"
    )
    return ask(draft, departments, notice)


def go_on(draft: Draft, departments: Mapping[str, Department]) -> Reply:
    """After a pause, or after the answer to a question in between."""
    return ask(draft, departments, "接着刚才的申请填。")


def begun_with(draft: Draft, departments: Mapping[str, Department]) -> Reply:
    """Begins the form with the answers found in the first message; shows them, so that they can be corrected."""
    understood = [
        f"{_title(each, draft)}：{_shown(each, draft.answers[each], draft, departments)}"
        for each in Field
        if each in draft.answers
    ]
    notice = "\n".join(
        [f"好，在这里申请（{_ARTICLE}），一般不收费。已经记下：", *understood, "不对的话，说“改申请内容”。"]
    )
    return ask(draft, departments, notice)


def skipped(draft: Draft, departments: Mapping[str, Department], field: Field) -> Reply:
    """The applicant skipped the question, so the usual answer is filled in and shown."""
    shown = _shown(field, draft.answers[field], draft, departments)
    return ask(draft, departments, f"先按“{shown}”填，核对时还可以改。")


def not_understood(draft: Draft, problem: str, departments: Mapping[str, Department]) -> Reply:
    """First says what is wrong and how to answer; from the second failure on, offers a person or the usual answer."""
    if draft.failures > 1:
        return _cannot_answer(draft, problem, departments)
    if problem == "no_department" and not draft.offered:
        # Does not repeat the whole list, since each text message costs money.
        question = f"{_PROBLEMS[problem]}请写机关的名称，或者单子里的序号；要再看单子，说“帮助”。"
        return _step(draft, "", question, ())
    how = _HELP.get(draft.asked, "") if draft.asked else ""
    return ask(draft, departments, f"{_PROBLEMS[problem]}{how}")


def _cannot_answer(draft: Draft, problem: str, departments: Mapping[str, Department]) -> Reply:
    buttons = _QUESTIONS[draft.asked](draft, departments)[1] if draft.asked else ()
    skip = "拿不准的，说“跳过”，按常用的填；" if draft.usual_answer else ""
    text = f"{_PROBLEMS[problem]}{skip}也可以转给工作人员帮您填，或者先放着，填过的都留着。"
    return _step(draft, "", text, (*buttons, PERSON, _STOP))


def help_with(draft: Draft, departments: Mapping[str, Department]) -> Reply:
    if draft.asked is None:
        return ask(draft, departments, "请核对一遍：没有问题说“确认提交”；有不对的，说“改第几项”。")
    return ask(draft, departments, f"{_HELP[draft.asked]}（{_ARTICLE}）")


def stopped() -> Reply:
    return _plain("好，先放着，填过的都留着。想接着填时说“接着填申请”；说“放弃申请”就删掉。", (RESUME,))


def discarded() -> Reply:
    return _plain("好，这份申请不提交了，填过的内容已经删掉。")


def waiting_draft() -> Reply:
    """Sent after the answer to a question that interrupted the form."""
    return _plain("刚才的申请还没有填完，要接着填吗？", (RESUME,))


def reads_like_a_complaint(draft: Draft, route: Route) -> Reply:
    """For 信访、投诉、举报 written as a request (条例 art. 39): names the right office first."""
    text = (
        f"这段话像是{route.name}。写成信息公开申请的信访、投诉、举报，机关会告知不按申请处理（《政府信息公开条例》第三十九条），"
        f"不如直接走对应的门。\n{route.answer}\n要的是一份已有的文件或者数据的，请写出它的名称；也可以仍按这个申请。"
    )
    return _step(draft, "", text, (_NOT_NEEDED, _ANYWAY))


def already_published(documents: Sequence[Document]) -> str:
    """A notice: information that is already public needs no request (条例 art. 36, item 1)."""
    named = [f"《{each.title}》" + (f"：{each.url}" if each.url else "") for each in documents]
    return f"先看一眼，相近的内容已经公开：\n{_lines(named)}\n找到了就不用申请，说“不用申请了”；没有的话接着填。"


def register_instead(route: Route) -> str:
    """A notice: a register has its own rules for queries (条例 art. 36, item 7, if the route names no other basis)."""
    basis = route.legal_basis or "《政府信息公开条例》第三十六条第七项"
    return f"提醒一句：{route.name}另有查询的办法，走信息公开往往要不到（{basis}）。{route.answer}"


def asked_before(request: Request) -> str:
    """A notice: 行政机关已就同一申请答复的，不重复处理 (条例 art. 36, item 6)."""
    day = day_in_words(request.received_on)
    return (
        f"您在{day}申请过很相近的内容，回执号 {request.receipt}。同样的申请答复过的，机关可以不重复处理"
        "（《政府信息公开条例》第三十六条第六项），可以先查那一件的进度。"
    )


def filed(draft: Draft, filed_request: Filed, assessment: Assessment, hotline: str, *, with_code: bool) -> Reply:
    """The receipt, and with `with_code` the query code, which no other message shows.

    `with_code` is false by text message, since others may read the telephone.
    """
    request = filed_request.request
    _, steps = draft.place
    due = assessment.due_on
    by = day_in_words(due) if due else ""
    received = (
        f"{request.department.name}今天收到，最迟 {by}答复{'（暂定）' if assessment.provisional else ''}。"
        "内容不清楚的，会在 7 个工作日内请您补正。"
    )
    if with_code:
        lines = [
            "申请已经提交。请把这两样记下来，查询码只显示这一次：",
            f"回执号：{request.receipt}",
            f"查询码：{filed_request.query_code}",
            received,
            "想知道办到哪一步，在这里说回执号和查询码就行。",
        ]
    else:
        lines = [
            "申请已经提交，请记下回执号。",
            f"回执号：{request.receipt}",
            received,
            f"为了安全，查进度要用的查询码不在这里发。请联系{request.department.name}，或者拨打 {hotline}："
            "核对身份以后，会给您一个。",
        ]
    lines.append("依据：《政府信息公开条例》第三十条、第三十一条、第三十三条")
    about = FilingDone(steps, steps, request.receipt, due.isoformat() if due else None)
    return Reply("\n".join(lines), Outcome.FILED, about)


def receipt_again(receipts: Sequence[str], hotline: str) -> Reply:
    """The receipts of this conversation, without query codes. `receipts`: the newest last."""
    if not receipts:
        return _plain(
            "这个对话里没有提交过申请，回执号我这里看不到。回执号在提交后给您的回执上，像 XXGK-2026-000123 这样；"
            f"找不到的，请联系受理申请的机关，或者拨打 {hotline}，核对身份以后会告诉您。",
            (PERSON,),
        )
    filed = ["您在这里提交的申请：", *(f"回执号：{receipt}" for receipt in reversed(receipts))]
    code = f"查询码只在提交时显示一次，这里不能再给；没有记下的，请联系受理申请的机关，或者拨打 {hotline}。"
    return _plain("\n".join([*filed, code]))


def forgotten_code(hotline: str) -> Reply:
    """The query code is never given in chat, since nobody has proved there who they are."""
    return _plain(
        "为了保护您的隐私，查询码在聊天里不能找回。请联系受理申请的机关，或者拨打 "
        f"{hotline}：核对身份以后，会按您申请时留的联系方式给一个新的查询码，旧的随即作废。",
        (PERSON,),
    )


def _summary(draft: Draft, departments: Mapping[str, Department], notice: str) -> Reply:
    shown = [
        f"{number}. {_title(each, draft)}：{_shown(each, answer, draft, departments)}"
        for number, (each, answer) in enumerate(
            ((each, draft.answers[each]) for each in Field if each in draft.answers), start=1
        )
    ]
    question = "\n".join(["请核对一遍：", *shown, "没有问题请说“确认提交”；有不对的，说“改第几项”。"])
    return _step(draft, notice, question, (_CONFIRM, _STOP))


def _shown(each: Field, answer: str, draft: Draft, departments: Mapping[str, Department]) -> str:
    """An answer for the summary; personal data is masked, since the conversation is stored."""
    if each == Field.DEPARTMENT:
        return departments[answer].name if answer in departments else answer
    if each == Field.APPLICANT_KIND:
        return KIND_NAMES[answer]
    if each == Field.NAME:
        return mask_applicant(answer, ApplicantKind(draft.answers[Field.APPLICANT_KIND]))
    if each in (Field.IDENTITY, Field.CONTACT):
        return mask_contact(answer)
    if each == Field.ADDRESS:
        return f"{answer[:3]}****{answer[-2:]}"
    return mask(answer)


def _title(each: Field, draft: Draft) -> str:
    if each == Field.NAME:
        return "姓名" if is_person(draft.answers) else "单位名称"
    if each == Field.IDENTITY:
        return "证件号码" if is_person(draft.answers) else "统一社会信用代码"
    return _TITLES[each]


def _ask_information(_: Draft, __: Mapping[str, Department]) -> _Question:
    return "您想要哪份信息？请写名称、文号，或者能帮着找到它的特征（年份、地区、单位）。", ()


def _ask_department(draft: Draft, departments: Mapping[str, Department]) -> _Question:
    names = [departments[code].name for code in draft.offered if code in departments]
    if not names:
        # All on one line: a line for each would fill a whole page on a telephone.
        listed = "、".join(f"{number} {each.name}" for number, each in enumerate(departments.values(), start=1))
        return f"向哪个机关申请？回复序号，或者直接写名称：{listed}。", ()
    question = f"向哪个机关申请？看内容可能是：\n{_lines(names)}\n都不是的，直接写机关名称。"
    return question, tuple(Button(name, name) for name in names)


def _ask_applicant_kind(_: Draft, __: Mapping[str, Department]) -> _Question:
    return "谁来申请？\n" + _lines(list(KIND_NAMES.values())), _choices([KIND_NAMES[kind.value] for kind in KINDS])


def _ask_name(draft: Draft, _: Mapping[str, Department]) -> _Question:
    return "您的姓名？" if is_person(draft.answers) else "单位的全称？", ()


def _ask_identity(draft: Draft, _: Mapping[str, Department]) -> _Question:
    if is_person(draft.answers):
        return "您的身份证号？没有的，写护照或者通行证的名称和号码。会加密保存。", ()
    return "单位的统一社会信用代码（18 位）？", ()


def _ask_contact(_: Draft, __: Mapping[str, Department]) -> _Question:
    return "怎样联系您？手机、座机或者邮箱，写一个。", ()


def _ask_form(_: Draft, __: Mapping[str, Department]) -> _Question:
    return "信息要什么形式？\n" + _lines(list(FORMS)), _choices(list(FORMS))


def _ask_delivery(_: Draft, __: Mapping[str, Department]) -> _Question:
    return "怎样拿到？\n" + _lines(list(DELIVERIES)), _choices(list(DELIVERIES))


def _ask_address(draft: Draft, _: Mapping[str, Department]) -> _Question:
    return "寄到哪里？请写到门牌号。" if draft.answers[Field.DELIVERY] == POST else "发到哪个邮箱？", ()


_QUESTIONS: dict[Field, Callable[[Draft, Mapping[str, Department]], _Question]] = {
    Field.INFORMATION: _ask_information,
    Field.DEPARTMENT: _ask_department,
    Field.APPLICANT_KIND: _ask_applicant_kind,
    Field.NAME: _ask_name,
    Field.IDENTITY: _ask_identity,
    Field.CONTACT: _ask_contact,
    Field.FORM: _ask_form,
    Field.DELIVERY: _ask_delivery,
    Field.ADDRESS: _ask_address,
}


def _step(draft: Draft, notice: str, question: str, buttons: tuple[Button, ...]) -> Reply:
    text = f"{notice}\n{question}" if notice else question
    step, of = draft.place
    awaits = draft.asked.value if draft.asked else None
    return Reply(text, Outcome.FILING, FilingStep(step, of), buttons, awaits=awaits)


def _plain(text: str, buttons: tuple[Button, ...] = ()) -> Reply:
    return Reply(text, Outcome.FILING, buttons=buttons)


def _choices(names: Sequence[str]) -> tuple[Button, ...]:
    return tuple(Button(name, name) for name in names)


def _lines(names: Iterable[str]) -> str:
    return "\n".join(numbered(names))
