"""How CRF pages write: bilingual words, the reader's language first; times in the site's zone."""

from __future__ import annotations

import json as js
from datetime import datetime
from typing import Any

from crispy_forms.helper import FormHelper
from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit import clock
from protocol.codelists import COHORT, DRUG, SIDE
from protocol.words import Bilingual
from sites.reader import language, reads_chinese, said
from sites.roles import Role
from visits.capture.forms import SITE_ZONE, PageForm
from visits.crfs import FORMS
from visits.dossier import Dossier
from visits.drawing.typed import SHOWN_ON, leg_of
from visits.links import links_of
from visits.models import Query, QueryStep
from visits.pages import log
from visits.pages.sheet import Sheet
from visits.review.check_rates import known
from visits.review.queries import CLOSE_REASONS
from visits.review.read_values import ReadValue, values_read

register = template.Library()

STATES = {
    "CANDIDATE": Bilingual("candidate", "待发布"),
    "OPEN": Bilingual("open", "待答复"),
    "ANSWERED": Bilingual("answered", "已答复"),
    "CLOSED": Bilingual("closed", "已关闭"),
    "CANCELLED": Bilingual("cancelled", "已取消"),
}

SITE_WORDS = {
    "CLINICAL": Bilingual("Clinical centre", "临床中心"),
    "STATISTICS": Bilingual("Statistics centre", "统计中心"),
    "COORDINATING": Bilingual("Coordinating centre", "协调中心"),
    "PLANNED": Bilingual("Planned", "计划中"),
    "ACTIVE": Bilingual("Active", "已启动"),
    "SUSPENDED": Bilingual("Suspended", "暂停"),
    "CLOSED": Bilingual("Closed", "已关闭"),
}


def _other(text: Bilingual) -> tuple[str, str]:
    """Return the second language's code and words."""
    return ("en", text.en) if reads_chinese() else ("zh-Hans", text.zh)


@register.simple_tag
def words(text: Bilingual | None) -> str:
    """Write a bilingual text in the reader's language."""
    return said(text) if text else ""


@register.simple_tag
def label(text: Bilingual) -> SafeString:
    """Write an item's label: the reader's language bold, the other below (ux.md)."""
    code, other = _other(text)
    return format_html(
        '<span class="l1">{}</span><span class="l2" lang="{}">{}</span>', words(text), code, other
    )


@register.simple_tag
def both(text: Bilingual) -> SafeString:
    """Write a heading in both languages on one line."""
    code, other = _other(text)
    return format_html('{} <span class="count" lang="{}">{}</span>', words(text), code, other)


@register.simple_tag
def stacked(text: Bilingual) -> SafeString:
    """Write an answer in both languages, the second below; once where they are equal."""
    if text.en == text.zh:
        return format_html("<span>{}</span>", text.en)
    code, other = _other(text)
    return format_html('<span>{}</span><span class="z" lang="{}">{}</span>', words(text), code, other)


@register.simple_tag
def pair(text: Bilingual) -> str:
    """Write an answer in both languages as plain text, for options of a list."""
    return text.en if text.en == text.zh else f"{words(text)} {_other(text)[1]}"


@register.simple_tag
def helper_of(sheet: Sheet, form: PageForm) -> FormHelper:
    """Return the crispy layout of one row's form."""
    return form.helper_for(sheet)


@register.simple_tag
def cohort_chip(dossier: Dossier) -> SafeString | str:
    """Write the planned cohort as a chip with its shape and words; nothing before the plan."""
    cohort = dossier.value("pr.planned_cohort")
    if not cohort:
        return ""
    return format_html(
        '<span class="chip {}" title="{}">{}</span>',
        cohort.lower(),
        said(COHORT.decode(cohort)),
        cohort,
    )


@register.simple_tag
def limb(side: str) -> str:
    """Name the target limb."""
    return said(Bilingual(f"{SIDE.decode(side).en} leg", f"{SIDE.decode(side).zh}下肢"))


@register.simple_tag
def query_state(query: Query) -> str:
    """Name the state of a query."""
    return said(STATES[query.state])


@register.simple_tag
def query_text(query: Query) -> str:
    """Write the question in the reader's language."""
    return query.message(language())


@register.simple_tag
def query_read(query: Query) -> list[ReadValue]:
    """Return what an automatic query's check has read, with links to the pages where it stands."""
    return values_read(query, language())


@register.filter
def check_number(check_id: str) -> str:
    """Return the number of a check of the protocol's §4; an item's own limit has none."""
    return check_id if check_id.startswith("EC-") else ""


@register.simple_tag
def check_words(check_id: str) -> str:
    """Write what a check says in the reader's language; its id where no such check is known any more."""
    found = known().get(check_id)
    return said(found.words) if found else check_id


@register.filter
def days_since(moment: datetime) -> str:
    """Write how long ago, in days of the study's clock."""
    days = max((clock.now() - moment).days, 0)
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days} if days else _("today")


@register.filter
def site_time(moment: datetime) -> str:
    """Write an instant in the site's zone."""
    return moment.astimezone(SITE_ZONE).strftime("%Y-%m-%d %H:%M")


@register.filter
def clock_time(moment: datetime) -> str:
    """Write the time of day of an instant in the site's zone; with its date when that is not today."""
    there = moment.astimezone(SITE_ZONE)
    return there.strftime("%H:%M" if there.date() == clock.today() else "%Y-%m-%d %H:%M")


@register.filter
def open_count(queries: list[Query]) -> int:
    """Count the open queries."""
    return sum(query.state == Query.State.OPEN for query in queries)


@register.simple_tag
def form_title(form: str) -> str:
    """Name a form."""
    return said(FORMS[form].title)


@register.simple_tag
def item_title(form: str, name: str) -> str:
    """Name an item of a form."""
    asked = FORMS[form].questions().get(name)
    return said(asked.label) if asked else ""


@register.simple_tag
def query_items(query: Query) -> str:
    """Name the items that a query is about."""
    questions = FORMS[query.page.form].questions()
    return ", ".join(said(questions[name].label) for name in query.items if name in questions)


@register.simple_tag
def step_text(step: QueryStep) -> str:
    """Write what a step of a query said or did."""
    if step.to_state == Query.State.CLOSED:
        return f"{said(STATES['CLOSED'])}: {said(CLOSE_REASONS[step.reason])}"
    return step.text or said(STATES[step.to_state])


@register.simple_tag
def elsewhere(sheet: Sheet) -> str:
    """Write what show-if rules read outside the page, for the page's script."""
    known = {**sheet.dossier.context(), "visit_code": sheet.visit_code}
    if sheet.window:
        known["visit window"] = [day.isoformat() for day in sheet.window]
    return js.dumps(known, default=str, ensure_ascii=False)


@register.simple_tag
def site_word(code: str) -> str:
    """Name what a site is, and its status."""
    return said(SITE_WORDS[code])


@register.simple_tag
def role_word(code: str) -> str:
    """Name a role."""
    return said(Role(code).label)


@register.simple_tag
def drug_word(code: str) -> str:
    """Name the drug on a device."""
    return said(DRUG.decode(code))


@register.simple_tag(takes_context=True)
def grid(context: template.Context) -> SafeString:
    """Draw a short repeating form as one grid."""
    around = {name: context.get(name) for name in ("sheet", "may_raise", "may_answer", "trail_at")}
    return mark_safe(render_to_string("rows/grid.jinja", around, using="jinja2"))  # noqa: S308 drawn escaped


@register.simple_tag(takes_context=True)
def log_table(context: template.Context) -> SafeString:
    """Draw the records of a long repeating form as a table."""
    sheet = context["sheet"]
    around = {
        "sheet": sheet,
        "lines": sheet.lines(),
        "columns": log.columns(sheet.crf),
        "here": context["here"],
    }
    return mark_safe(render_to_string("rows/log.jinja", around, using="jinja2"))  # noqa: S308 drawn escaped


@register.inclusion_tag("crf/leg_panel.html", takes_context=True)
def leg_panel(context: template.Context) -> dict[str, Any]:
    """Draw the leg beside a page that speaks of places along it."""
    sheet = context["sheet"]
    return {
        "sheet": sheet,
        "subject": context["subject"],
        "leg": leg_of(sheet),
        "target_limb": sheet.dossier.target_limb,
    }


@register.simple_tag
def has_leg(sheet: Sheet) -> bool:
    """Say whether a page has the leg beside it."""
    return sheet.crf.form in SHOWN_ON


@register.inclusion_tag("crf/links.html", takes_context=True)
def links_panel(context: template.Context) -> dict[str, Any]:
    """List what the records of a page point at, and what points at them."""
    sheet = context["sheet"]
    standing = [record for record in sheet.records if not record.removed]
    found = [(record, links_of(record, sheet.dossier)) for record in standing]
    return {"linked": [(record, links) for record, links in found if links]}
