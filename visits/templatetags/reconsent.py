"""What pages say of re-consent: that it is due on a subject's pages, and the list on home pages."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

from protocol.schedule import EXPECTED
from sites.access import can
from sites.roles import Action
from visits import reconsent

register = template.Library()
FORM = "ICRE"
SHOWN = 8


@register.inclusion_tag("crf/reconsent.html", takes_context=True)
def reconsent_banner(context: template.Context) -> dict[str, Any]:
    """Say on a subject's page, or one of its CRF pages, that re-consent is due; nothing where it is not."""
    sheet = context.get("sheet")
    dossier = sheet.dossier if sheet is not None else context.get("dossier")
    if dossier is None or dossier.subject._state.adding or (sheet is not None and sheet.crf.form == FORM):
        return {"asked": None}
    asked = reconsent.owed_by(dossier)
    visit = sheet.visit if sheet is not None else None
    code = "UNS" if visit and visit.startswith("UNS") else visit
    if not visit or FORM not in EXPECTED.get(code or "", {}):
        visit = _last_visit(dossier)
    actor = context["request"].actor
    may = can(actor, Action.PAGE_SAVE, dossier.subject.site_id) and asked is not None
    return {
        "asked": asked,
        "url": reverse("page", args=[dossier.subject.pk, visit, FORM]) if may and visit else "",
    }


def _last_visit(dossier: Any) -> str | None:
    """Return the last visit so far at which a re-consent may be entered."""
    taken = [page.visit for page in dossier.pages if page.visit and not page.removed]
    known = [visit for visit in EXPECTED if FORM in EXPECTED[visit] and visit in taken]
    return known[-1] if known else None


@register.inclusion_tag("home/reconsent.html", takes_context=True)
def reconsent_home(context: template.Context) -> dict[str, Any]:
    """Write the panel of a home page: who owes a re-consent; nothing where nobody does."""
    actor = context["request"].actor
    due = reconsent.reconsents_due(by=actor) if can(actor, Action.SUBJECT_READ) else []
    everything = context["request"].GET.get("show") == "reconsent"
    return {"due": due if everything else due[:SHOWN], "count": len(due)}
