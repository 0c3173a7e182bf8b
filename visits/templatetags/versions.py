"""What a CRF page says of its version of the protocol, once there is more than one."""

from __future__ import annotations

from typing import Any

from django import template

from protocol import version as protocol
from protocol.version import place
from sites.access import can
from sites.roles import Action
from visits.capture import edition

register = template.Library()


@register.inclusion_tag("crf/version.html", takes_context=True)
def page_version(context: template.Context) -> dict[str, Any]:
    """Name the version of each record that follows an older one; to who may, offer the newer."""
    if not protocol.AMENDMENTS:
        return {"older": []}
    sheet, actor = context["sheet"], context["request"].actor
    now = edition.version_for(sheet.dossier, None)
    older = [page for page in sheet.records if not page.removed and place(page.form_version) < place(now)]
    return {
        "older": older,
        "now": now,
        "may": can(actor, Action.PAGE_UPGRADE, sheet.dossier.subject.site_id),
        "subject": sheet.dossier.subject,
    }
