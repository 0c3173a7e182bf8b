"""The words for what the trail holds beside CRF items: tables, their columns, codes, events, ways in.

A column without words here is bookkeeping (ids, counters, digests) and is not shown; a table without words
is shown under its model's name. A test holds every table of a subject's chain to its words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from protocol.codelists import MISSR
from protocol.schedule import VISIT
from protocol.words import Bilingual, T
from sites.roles import Role
from visits.review.queries import CLOSE_REASONS
from visits.review.signing.meanings import MEANINGS

Codes = Mapping[str, Bilingual]


@dataclass(frozen=True, slots=True)
class Column:
    """One column in words; `codes` decodes what it holds."""

    label: Bilingual
    codes: Codes = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Table:
    """One table in words, with the columns that say something to people."""

    title: Bilingual
    columns: Mapping[str, Column] = field(default_factory=dict)


def _columns(*names: str) -> dict[str, Column]:
    return {name: COMMON[name] for name in names}


YES_NO: Codes = {"true": T("Yes", "是"), "false": T("No", "否")}
STATES: Codes = {
    "CANDIDATE": T("Candidate", "待发布"),
    "OPEN": T("Open", "待答复"),
    "ANSWERED": T("Answered", "已答复"),
    "CLOSED": T("Closed", "已关闭"),
    "CANCELLED": T("Cancelled", "已取消"),
    "ASKED": T("Asked for", "已申请"),
    "AGREED": T("Agreed", "已同意"),
    "REFUSED": T("Refused", "已拒绝"),
    "DONE": T("Done", "已完成"),
    "PROPOSED": T("Proposed", "已提出"),
    "ACCEPTED": T("Accepted", "已接受"),
    "WITHDRAWN": T("Withdrawn", "已撤回"),
    "INITIAL": T("Initial report", "首次报告"),
    "FOLLOW_UP": T("Follow-up report", "随访报告"),
    "FINAL": T("Final report", "总结报告"),
    "KEPT": T("Typed, not submitted", "已键入，未提交"),
    "SUBMITTED": T("Submitted", "已提交"),
    "DISCARDED": T("Discarded", "已丢弃"),
}
LEVELS: Codes = {
    "item": T("Item", "项目"),
    "page": T("Page", "页面"),
    "visit": T("Visit", "访视"),
    "subject": T("Subject", "受试者"),
    "site": T("Site", "研究中心"),
    "study": T("Study", "全研究"),
}
KINDS: Codes = {"frozen": T("Frozen", "冻结"), "locked": T("Locked", "锁定")}
ENDS: Codes = {
    "stale": T("Value changed", "数值已变更"),
    "withdrawn": T("Withdrawn", "已撤回"),
    "again": T("Verified again", "再次核查"),
    "void": T("No longer applies", "不再适用"),
}
COMMON: dict[str, Column] = {
    "text": Column(T("Text", "内容")),
    "reason": Column(T("Reason", "原因"), CLOSE_REASONS),
    "remark": Column(T("Remark", "备注")),
    "state": Column(T("State", "状态"), STATES),
    "to_state": Column(T("State", "状态"), STATES),
    "close_reason": Column(T("Closed as", "关闭原因"), CLOSE_REASONS),
    "message_en": Column(T("Question", "质疑内容")),
    "message_zh": Column(T("Question in Chinese", "质疑内容(中文)")),
    "level": Column(T("Level", "级别"), LEVELS),
    "code": Column(T("Visit", "访视"), {code: visit.label for code, visit in VISIT.items()}),
    "ordinal": Column(T("Number", "序号")),
    "form_version": Column(T("Form version", "表单版本")),
    "removed": Column(T("Removed", "已移除"), YES_NO),
    "not_done": Column(T("Not done", "未做"), YES_NO),
    "not_done_reason": Column(T("Why it was not done", "未做原因")),
    "act": Column(T("Draft", "草稿"), STATES),
    "released_at": Column(T("Ended at", "解除时间")),
    "released_by": Column(T("Ended by", "解除人")),
    "released_reason": Column(T("Why it was ended", "解除原因")),
    "kind": Column(T("Kind", "类型"), {**KINDS, **STATES}),
    "interim": Column(T("Interim", "期中"), YES_NO),
    "confirmed_by": Column(T("Confirmed by", "确认人")),
    "usubjid": Column(T("Subject", "受试者编号")),
    "screening_no": Column(T("Screening number", "筛选号")),
    "site_id": Column(T("Site", "研究中心")),
    "voided_at": Column(T("Voided at", "作废时间")),
    "restored_at": Column(T("Restored at", "恢复时间")),
    "restored_by": Column(T("Restored by", "恢复人")),
    "restored_reason": Column(T("Why it was restored", "恢复原因")),
    "from_site_id": Column(T("From site", "转出中心")),
    "to_site_id": Column(T("To site", "转入中心")),
    "on": Column(T("On", "日期")),
    "decided_by": Column(T("Decided by", "决定人")),
    "sent_to": Column(T("Sent to", "报送对象")),
    "number": Column(T("Number", "编号")),
    "stage": Column(T("Stage", "阶段")),
    "told": Column(T("Told", "已通知")),
    "ended_as": Column(T("Ended as", "结束方式"), ENDS),
    "ended_by": Column(T("Ended by", "结束人")),
    "ended_reason": Column(T("Why it was ended", "结束原因")),
    "value": Column(T("Verified value", "已核查数值")),
    "days": Column(T("Days", "天数")),
    "until": Column(T("Until", "截止")),
    "relocked_at": Column(T("Locked again at", "重新锁定时间")),
    "meaning": Column(T("Meaning", "签名含义"), MEANINGS),
}

TABLES: dict[str, Table] = {
    "visits_page": Table(
        T("Page", "页面"), _columns("form_version", "removed", "not_done", "not_done_reason", "site_id")
    ),
    "visits_visit": Table(T("Visit", "访视"), _columns("code", "ordinal")),
    "visits_query": Table(T("Query", "质疑"), _columns("state", "close_reason", "message_en", "message_zh")),
    "visits_querystep": Table(T("Query", "质疑"), _columns("to_state", "text", "reason")),
    "visits_note": Table(T("Note", "备注"), _columns("text")),
    "visits_autosave": Table(T("Draft", "草稿"), _columns("act")),
    "visits_lock": Table(
        T("Freeze or lock", "冻结或锁定"),
        _columns(
            *("kind", "level", "interim", "reason", "confirmed_by"),
            *("released_at", "released_by", "released_reason"),
        ),
    ),
    "visits_lockproposal": Table(
        T("Proposal of a lock", "锁定提议"), _columns("state", "reason", "decided_by")
    ),
    "visits_locksignature": Table(T("Signature of a lock", "锁定签名"), _columns("meaning")),
    "visits_unlock": Table(
        T("Unlocking", "解锁"),
        _columns("state", "level", "reason", "days", "until", "decided_by", "relocked_at"),
    ),
    "visits_verification": Table(
        T("Source verification", "源数据核查"), _columns("value", "ended_as", "ended_by", "ended_reason")
    ),
    "visits_signature": Table(T("Signature", "签名"), _columns("meaning", "level", "reason")),
    "visits_saereport": Table(T("SAE report", "SAE 报告"), _columns("number", "kind", "sent_to")),
    "visits_safetynotice": Table(T("Safety notice", "安全性通知"), _columns("stage", "told")),
    "visits_upload": Table(T("File", "文件")),
    "visits_importedrow": Table(T("Row of an import", "导入行")),
    "visits_coding": Table(T("Coding", "编码"), _columns("text")),
    "visits_redaction": Table(T("Redaction", "脱敏删除"), _columns("state", "reason")),
    "subjects_subject": Table(
        T("Subject", "受试者"), _columns("usubjid", "screening_no", "site_id", "voided_at")
    ),
    "subjects_voiding": Table(
        T("Voiding", "作废"), _columns("reason", "restored_at", "restored_by", "restored_reason")
    ),
    "subjects_transfer": Table(
        T("Transfer", "转中心"), _columns("from_site_id", "to_site_id", "on", "reason", "state", "decided_by")
    ),
    "outcomes_result": Table(T("Result", "结果")),
}

EVENTS: Codes = {
    "blockers_reminded": T("Owners of blockers reminded", "已提醒阻碍项负责人"),
    "login": T("Signed in", "登录"),
    "login_failed": T("Sign-in failed", "登录失败"),
    "logout": T("Signed out", "退出"),
    "denied": T("Was refused", "访问被拒绝"),
    "role": T("Changed role", "切换角色"),
    "document_made": T("PDF made", "生成 PDF"),
    "document_taken": T("PDF downloaded", "下载 PDF"),
    "page_moved": T("Page moved", "页面移动"),
    "snapshot_taken": T("Snapshot file downloaded", "下载数据快照"),
    "OUTCOMES_BY_COHORT": T("Results by cohort viewed", "查看分组结果"),
    "redaction": T("Value redacted", "数值已脱敏删除"),
    "trail_viewed": T("Trail viewed", "查看稽查轨迹"),
    "list_exported": T("List taken as a file", "列表导出为文件"),
    "trail_exported": T("Trail exported", "导出稽查轨迹"),
    "digest_made": T("Digest of the trail made", "生成稽查轨迹摘要"),
    "session_ended": T("Session ran out", "会话超时"),
    "sessions_ended": T("Sessions ended", "会话被结束"),
    "proof_failed": T("Code or signature failed", "验证码或签名失败"),
    "locked_out": T("Account shut after five failures", "五次失败后账户关闭"),
    "lockout_lifted": T("Lockout lifted", "解除账户关闭"),
    "factor_added": T("Second factor added", "添加第二验证因素"),
    "factor_removed": T("Second factor removed", "移除第二验证因素"),
    "recovery_codes_renewed": T("Recovery codes renewed", "更新恢复码"),
    "invitation_used": T("Invitation used", "使用邀请链接"),
    "account_dormant": T("Unused account shut", "长期未用账户关闭"),
    "access_history": T("Access history downloaded", "下载权限历史"),
    "protected_names": T("Names sent that no form offers", "提交了表单未提供的字段"),
    "rate_limited": T("Too many requests", "请求过于频繁"),
    "upload_refused": T("Upload refused", "上传被拒绝"),
    "upload_taken": T("File downloaded", "下载文件"),
}
OTHER_EVENT = T("Other event", "其他事件")

ORIGINS: Codes = {
    "web": T("browser", "浏览器"),
    "job": T("system job", "系统任务"),
    "command": T("command", "命令"),
    "import": T("import", "导入"),
    "migration": T("migration", "迁移"),
    "sql": T("database", "数据库"),
}
SYSTEM = T("System", "系统")
NO_ROLE = T("No role", "无角色")
BLANK = T("blank", "空白")
REDACTED = T("redacted", "已脱敏删除")
WITHHELD = T("not shown: somebody's unsubmitted draft", "不显示:他人未提交的草稿")
UNSUBMITTED = T("unsubmitted", "未提交")


def role_words(code: str) -> Bilingual:
    """Return a role as an entry names it, in words."""
    if code in Role.__members__:
        return Role(code).label
    return SYSTEM if code == "SYSTEM" else NO_ROLE


def missing_words(reason: str) -> Bilingual:
    """Return a reason for a missing value in words."""
    why = MISSR.decode(reason) if reason in MISSR else same(reason)
    return T(f"Missing: {why.en}", f"缺失:{why.zh}")


def same(text: str) -> Bilingual:
    """Return a text that reads alike in both languages."""
    return Bilingual(text, text)
