"""Glyphs: one meaning each in the whole product, always with words (ux.md, Glyphs and precedence)."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from protocol.words import Bilingual, T
from sites.reader import said

register = template.Library()

GLYPHS: dict[str, tuple[str, str, Bilingual]] = {
    "query-open": ("query", "t-danger", T("Query open", "质疑待答复")),
    "overdue": ("overdue", "t-danger", T("Overdue", "已超窗")),
    "incomplete": ("incomplete", "t-warn", T("Incomplete", "未完成")),
    "closing": ("closing", "t-warn", T("Window closes soon", "时间窗即将关闭")),
    "due": ("due", "t-info", T("Due now", "待录入")),
    "query-answered": ("answered", "t-sign", T("Query answered", "质疑已答复")),
    "stale": ("stale", "t-warn", T("Changed after verification", "核查后已修改")),
    "broken": ("broken", "t-sign", T("Signature broken", "签名失效")),
    "to-sign": ("pen", "t-sign", T("To sign", "待签名")),
    "to-verify": ("pending", "t-quiet", T("To verify", "待核查")),
    "locked": ("locked", "t-lock", T("Locked", "已锁定")),
    "frozen": ("frozen", "t-lock", T("Frozen", "已冻结")),
    "signed": ("signed", "t-settled", T("Signed", "已签名")),
    "verified": ("verified", "t-ok", T("Verified", "已核查")),
    "complete": ("complete", "t-ok", T("Complete", "已完成")),
    "missed": ("missed", "t-quiet", T("Missed", "缺访")),
    "not-yet": ("future", "t-faint", T("Not due yet", "未到期")),
    "not-expected": ("na", "t-faint", T("Not expected", "无需")),
    "candidate": ("candidate", "t-quiet", T("Candidate query", "候选质疑")),
    "warning": ("warning", "t-warn", T("Warning", "警告")),
    "conflict": ("warning", "t-warn", T("Changed by somebody else", "他人已修改")),
    "error": ("error", "t-danger", T("To correct", "需更正")),
    "target": ("target", "t-warn", T("Endpoint at risk", "终点数据有风险")),
    "festival": ("festival", "t-warn", T("Spring Festival weeks", "春节所在周")),
    "history": ("clock", "t-quiet", T("History", "历史")),
    "info": ("info", "t-info", T("Note", "提示")),
    "note": ("note", "t-quiet", T("Note", "备注")),
    "ask": ("ask", "t-quiet", T("Raise a query", "提出质疑")),
    "menu": ("menu", "", T("Menu", "菜单")),
    "search": ("search", "", T("Search", "搜索")),
    "download": ("down", "", T("Download", "下载")),
    "print": ("print", "", T("Print", "打印")),
    "sdv": ("sdv", "t-ok", T("Verified", "已核查")),
}


@register.simple_tag
def glyph(name: str, words: bool = True) -> SafeString | str:
    """Draw a glyph with its words for those who do not see it; nothing for an empty name."""
    if not name:
        return ""
    symbol, colour, meaning = GLYPHS[name]
    hidden = format_html('<span class="visually-hidden">{}</span>', said(meaning)) if words else ""
    return format_html(
        '<svg class="g {}" aria-hidden="true" focusable="false"><use href="#g-{}"></use></svg>{}',
        colour,
        symbol,
        hidden,
    )


@register.simple_tag
def glyph_words(name: str) -> str:
    """Write what a glyph means."""
    return said(GLYPHS[name][2])


@register.simple_tag
def sid(usubjid: str) -> SafeString:
    """Write a subject's number: the study's part quiet, the rest bold."""
    head, _dash, rest = usubjid.partition("-")
    return format_html('<span class="sid"><span class="pre">{}-</span>{}</span>', head, rest)
