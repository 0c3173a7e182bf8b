"""How safety pages write clocks: how much time is left, a bar, and the panel of reports beside an event."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils.translation import gettext as _

from audit import clock as time_of_study
from protocol.safety import Clock, State
from sites.access import can
from sites.reader import said
from sites.roles import Action
from visits.capture.forms import SITE_ZONE
from visits.crfs import FORMS
from visits.safety.clocks import SaeRow, Version
from visits.safety.records import SaeReport
from visits.safety.reports import KINDS, is_reportable, recipients, reporting_of, title_of
from visits.safety.safety_view import home_rows

register = template.Library()

TONES = {
    State.OVERDUE: "danger",
    State.UNDETERMINED: "warn",
    State.NOT_STARTED: "muted",
    State.LATE: "warn",
    State.DONE: "ok",
    State.NOT_APPLICABLE: "muted",
}
SIGNS = {
    State.OVERDUE: "overdue",
    State.UNDETERMINED: "incomplete",
    State.RUNNING: "due",
    State.NOT_STARTED: "not-yet",
    State.LATE: "warning",
    State.DONE: "complete",
    State.NOT_APPLICABLE: "not-expected",
}
WIDTH = 120


@register.inclusion_tag("safety/clock.html")
def safety_clock(one: Clock, name: bool = True) -> dict[str, Any]:
    """Write one clock: its sign, what it is for, a bar of the time that has passed, and how it stands."""
    urgent = one.is_urgent
    return {
        "clock": one,
        "name": name,
        "sign": "closing" if urgent else SIGNS[one.state],
        "tone": "warn" if urgent else TONES.get(one.state, "info"),
        "words": standing(one),
        "drawn": one.due is not None,
        "width": WIDTH,
        "filled": round(one.spent * WIDTH, 1),
    }


def standing(one: Clock) -> str:
    """Return how a clock stands, with the time left or past."""
    if one.state is State.OVERDUE and one.left is not None:
        return _("overdue by %(time)s") % {"time": span(-one.left)}
    if one.state is State.RUNNING and one.left is not None:
        return _("%(time)s left") % {"time": span(one.left)}
    return said(one.state.label)


def span(length: timedelta) -> str:
    """Return a time span in words: hours up to two days, then days."""
    hours = length.total_seconds() / 3600
    if hours < 1:
        return _("%(n)d min") % {"n": max(1, round(hours * 60))}
    if hours < 48:
        return _("%(n)d h") % {"n": round(hours)}
    return _("%(n)d d") % {"n": round(hours / 24)}


@register.simple_tag
def at_site(moment: datetime | None) -> str:
    """Write a moment in the sites' zone."""
    return f"{moment.astimezone(SITE_ZONE):%Y-%m-%d %H:%M}" if moment else ""


@register.simple_tag
def version_words(row: SaeRow, version: Version | None) -> str:
    """Name the last report of a row of the list; nothing where none was made."""
    if version is None:
        return _("no report yet")
    count = sum(one.kind == version.kind and one.number <= version.number for one in row.versions)
    number = f" {count}" if version.kind == SaeReport.Kind.FOLLOW_UP else ""
    return f"{said(KINDS[version.kind])}{number}"


@register.inclusion_tag("home/safety.html", takes_context=True)
def safety_home(context: template.Context) -> dict[str, Any]:
    """Write the panel of a home page: the events whose clocks run; nothing for who may not see them."""
    request = context["request"]
    if not can(request.actor, Action.SAFETY_READ):
        return {"shown": False}
    rows, count = home_rows(request)
    return {"shown": True, "rows": rows, "count": count, "more": count > len(rows)}


@register.inclusion_tag("safety/panel.html", takes_context=True)
def safety_panel(context: template.Context) -> dict[str, Any]:
    """Write the reports and clocks of the serious events on a page; nothing for who may not see them."""
    sheet, actor = context["sheet"], context["request"].actor
    site = sheet.dossier.subject.site_id
    events = [page for page in sheet.records if is_reportable(page)]
    if sheet.crf.form != "AE" or not events or not can(actor, Action.SAFETY_READ, site):
        return {"events": []}
    made = list(SaeReport.objects.filter(page_id__in=[page.id for page in events]))
    now = time_of_study.now()
    return {
        "events": [_event(page, [one for one in made if one.page_id == page.id], now) for page in events],
        "subject": sheet.dossier.subject,
        "may_report": can(actor, Action.SAE_REPORT, site) and not sheet.locked,
        "may_forward": can(actor, Action.SAE_FORWARD, site),
        "csrf_token": context.get("csrf_token"),
    }


def _event(page: Any, made: list[SaeReport], now: datetime) -> dict[str, Any]:
    reporting = reporting_of(page, made, now=now)
    items = FORMS["AE"].questions()
    forwarded = any(not one.is_of_site for one in made)
    return {
        "page": page,
        "reporting": reporting,
        "clocks": [one for one in reporting.clocks if one.state is not State.NOT_APPLICABLE],
        "versions": [
            {"report": one, "title": title_of(one, made), "to": recipients(one)} for one in reversed(made)
        ],
        "last": title_of(reporting.last, made) if reporting.last else None,
        "changed": [items[name].label for name in reporting.changed],
        "possible": [(kind, KINDS[kind]) for kind in reporting.possible],
        "asks_time": page.values.get("ae_report_dt") is None,
        "awaits_authority": not forwarded and reporting.awaits_authority,
    }
