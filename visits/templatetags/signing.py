"""What a page says of its signatures, and the form with which an investigator confirms eligibility."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

from sites.access import can
from sites.proof import needs_code
from sites.roles import Action
from visits.dossier import LOG, PageRecord
from visits.models import Query
from visits.review.signing.acts import declared
from visits.review.signing.meanings import ELIGIBLE, MEANINGS
from visits.review.signing.ready import SIGNABLE
from visits.review.signing.standing import UNSIGNED, Standing

register = template.Library()


@register.inclusion_tag("signing/panel.html", takes_context=True)
def signing_panel(context: template.Context) -> dict[str, Any]:
    """Tell what stands under each record: who, when, what it means, valid or broken."""
    sheet, request = context["sheet"], context["request"]
    if not sheet.records or sheet.crf.form not in SIGNABLE:
        return {"lines": []}
    standing = sheet.signed
    subject = sheet.dossier.subject
    lines = [
        (page, standing.get(page.id, UNSIGNED), _since(sheet.queries, page, standing.get(page.id, UNSIGNED)))
        for page in sheet.records
        if not page.removed or standing.get(page.id, UNSIGNED).acts
    ]
    return {
        "lines": lines,
        "repeating": sheet.crf.repeating,
        "to_sign": can(request.actor, Action.SIGN, subject.site_id)
        and any(not one.signed or one.addendum for _page, one, _since in lines),
        "url": f"{reverse('signing-subject', args=[subject.pk])}"
        f"?visit={sheet.visit or LOG}&form={sheet.crf.form}",
    }


def _since(queries: list[Query], page: PageRecord, standing: Standing) -> int:
    """Return how many queries were asked or moved after the last signature; they break nothing."""
    if not standing.last or not standing.signed:
        return 0
    at = standing.last.signature.at
    return sum(
        one.page_id == page.id and any(step.at > at for step in one.steps.all()) for one in queries or []
    )


@register.inclusion_tag("signing/confirm.html", takes_context=True)
def confirm_panel(context: template.Context) -> dict[str, Any]:
    """Offer the investigator's confirmation of eligibility, which is a signature."""
    sheet, request = context["sheet"], context["request"]
    page = sheet.records[0]
    confirmed = bool(page.get("elig_confirmed_by"))
    ready = not confirmed and not page.contradicted and page.unanswered <= 1
    return {
        "subject": sheet.dossier.subject,
        "record": page,
        "confirmed": confirmed,
        "ready": ready,
        "declared": ready and declared(request.actor.user_id),
        "needs_code": ready and needs_code(request),
        "meaning": MEANINGS[ELIGIBLE],
        "signer_name": request.actor.name,
        "csrf_token": context.get("csrf_token"),
    }
