"""Writing and searching the audit log. No entry is changed; only `bot.staff.forgetting` deletes entries, by age."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.language.masking import mask
from bot.paging import ListPart
from bot.staff.models import AuditEntry

PAGE_ROWS = 50
# Who did what nobody did by hand.
BY_ITSELF = "系统"

# An action without a title here is shown as it is stored.
ACTION_TITLES = {
    "make_backup": "备份",
    "restore_backup": "从备份恢复",
    "sign_in": "登录",
    "sign_in_failed": "登录失败",
    "pass_provider": "通过统一身份认证",
    "sign_out": "退出",
    "add_person": "添加人员",
    "change_role": "改角色",
    "deactivate_person": "停用账号",
    "reactivate_person": "恢复账号",
    "change_password": "改自己的密码",
    "reset_password": "重置密码",
    "set_up_second_factor": "开启动态验证码",
    "remove_second_factor": "关闭动态验证码",
    "open_applicant": "查看申请人身份",
    "renew_query_code": "更换查询码",
    "add_request": "登记信息公开申请",
    "record_event": "记录信息公开申请的环节",
    "applicant_acted": "申请人自己办理",
    "import_disclosures": "导入信息公开台账",
    "import_catalogue": "导入实施清单",
    "correct_request": "更正信息公开申请",
    "take_back_event": "撤销信息公开申请的环节",
    "strike_request": "作废信息公开申请",
    "restore_request": "恢复作废的信息公开申请",
    "record_contest": "记录复议或者诉讼",
    "decide_contest": "记录复议或者诉讼的结果",
    "remove_contest": "删除误记的复议或者诉讼",
    "save_yearly_report": "保存公开年度报告",
    "submit_yearly_report": "提交公开年度报告",
    "publish_yearly_report": "公布公开年度报告",
    "take_back_yearly_report": "撤回公开年度报告",
    "issue_order": "发出整改通知",
    "answer_order": "回报整改情况",
    "accept_order": "认可整改",
    "send_back_order": "退回整改",
    "withdraw_order": "撤销整改通知",
    "open_complaint": "查看投诉人的联系方式",
    "take_up_complaint": "受理公开投诉",
    "answer_complaint": "答复公开投诉",
    "renumber": "改回执号的编号起点",
    "issue_notice": "发出文书",
    "correct_notice": "更正文书",
    "open_notice": "打开文书",
    "deliver_notice": "记录文书送达",
    "add_answer_file": "上传答复附件",
    "remove_answer_file": "删除答复附件",
    "open_answer_file": "打开答复附件",
    "open_talk_file": "打开对话里的文件",
    "export": "导出文件",
    "open_bulletin": "打开、打印简报",
    "unmask": "查看未遮盖的内容",
    "mark_answer": "评机器人的回答",
    "set_question_aside": "标为不用教",
    "take_question_up": "不用教的放回",
    "work_order": "工单",
    "city_order": "城市工单系统",
    "call_back": "回访",
    "enter_case": "登记来电来访",
    "switch_off": "停用",
    "switch_on": "恢复启用",
    "block_number": "屏蔽号码",
    "unblock_number": "解除屏蔽",
    "set_ceiling": "调今天的短信上限",
    "send_text_again": "重发消息",
    "drop_text": "不再发送消息",
    "answer_text_again": "重新答复来信",
    "publish_answer": "公开为问答",
    "close_case": "案件自动办结",
    "publish_letter": "同意公开来信",
    "withdraw_letter": "撤下公开的来信",
    "announce_interview": "预告访谈",
    "change_interview": "改访谈",
    "begin_interview": "开始访谈",
    "end_interview": "结束访谈",
    "cancel_interview": "取消访谈",
    "add_picture": "加访谈的图片",
    "remove_picture": "删访谈的图片",
    "take_up_question": "选用访谈的提问",
    "move_question": "改访谈提问的顺序",
    "leave_out_question": "不选用访谈的提问",
    "answer_question": "发布访谈的答复",
    "correct_answer": "更正访谈的答复",
    "open_question": "看提问原文和联系方式",
    "delete_question": "按本人要求删除提问",
    "save_canned_reply": "改常用语",
    "remove_canned_reply": "删除常用语",
    "edit_item": "改事项",
    "propose_change": "提出改动",
    "approve_change": "核准改动",
    "refuse_change": "退回改动",
    "withdraw_change": "撤回改动",
    "return_change": "改动没有生效",
    "undo_change": "撤销改动",
    "change_routes": "改去处",
    "change_holidays": "改放假安排",
    "change_laws": "改法律清单",
    "add_alias": "加别名",
    "remove_alias": "删别名",
    "store_document": "上传文件",
    "repeal_document": "标为废止",
    "restore_document": "恢复有效",
    "withdraw_document": "撤下文件",
    "return_document": "放回文件",
    "settle_law_task": "核对法律依据",
    "enter_information": "登记主动公开的信息",
    "change_information": "改主动公开的信息",
    "publish_information": "标为已公布",
    "withhold_information": "决定不发布",
    "settle_publishing_task": "说明没有按期公开的情况",
    "accept_proposal": "转为主动公开",
    "set_aside_proposal": "不转为主动公开",
    "suggest_publishing": "登记转为主动公开的建议",
    "decide_correction": "办结更正申请",
    "gap": "没答好的问题",
    "propose_lesson": "提出纠正",
    "approve_lesson": "采用纠正",
    "reject_lesson": "退回纠正",
    "withdraw_lesson": "撤回纠正",
    "start_training": "开始训练",
    "stop_training": "停止训练",
    "add_api_key": "发放接口密钥",
    "revoke_api_key": "作废接口密钥",
    "model_live": "模型上线",
    "model_rolled_back": "退回模型",
    "retention": "到期删除",
    "forget_conversation": "按本人要求删除记录",
}


def record(session: Session, *, who: str, action: str, subject: str, why: str, at: datetime) -> None:
    """Notes that `who` did `action` to `subject`, in the same transaction as the act itself. `why` is masked."""
    session.add(AuditEntry(at=at, who=who, action=action, subject=subject, why=mask(why)))
    session.flush()


def search(
    session: Session,
    *,
    who: str = "",
    action: str = "",
    subject: str = "",
    since: datetime | None = None,
    before: datetime | None = None,
    page: int = 1,
) -> ListPart[AuditEntry]:
    """Newest first.

    Args:
        who, subject: any part of the text.
        action: the whole text.
        since, before: the first instant included, and the first one excluded.
        page: from 1; a number after the last page gives the last page.
    """
    found = select(AuditEntry)
    if who:
        found = found.where(AuditEntry.who.icontains(who, autoescape=True))
    if subject:
        found = found.where(AuditEntry.subject.icontains(subject, autoescape=True))
    if action:
        found = found.where(AuditEntry.action == action)
    if since is not None:
        found = found.where(AuditEntry.at >= since)
    if before is not None:
        found = found.where(AuditEntry.at < before)
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    rows = found.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(PAGE_ROWS)
    return ListPart.read(total, page, PAGE_ROWS, lambda first: list(session.scalars(rows.offset(first))))


def last_at(session: Session, action: str) -> datetime | None:
    """When somebody last did this; None if nobody ever did."""
    return session.scalar(select(func.max(AuditEntry.at)).where(AuditEntry.action == action))


def actions(session: Session) -> list[str]:
    """The actions that occur in the log, sorted."""
    return list(session.scalars(select(AuditEntry.action).distinct().order_by(AuditEntry.action)))
