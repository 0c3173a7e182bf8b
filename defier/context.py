"""What every page shows around its own content: who is asking, where they may go, and the study's clock."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from audit import clock
from sites.access import can
from sites.roles import Action, Role

# Places in the top bar: words, url name, the action that opens them. A role sees only its own.
PLACES = (
    (_("Subjects"), "subjects", Action.SUBJECT_READ),
    (_("Queries"), "queries", Action.QUERY_READ),
    (_("Outcomes"), "outcomes", Action.OUTCOMES_POOLED),
    (_("Snapshots"), "snapshots", Action.SNAPSHOT_READ),
    (_("Locks"), "locks", Action.LOCK_READ),
    (_("Sites"), "sites", Action.SITE_READ),
    (_("Devices"), "devices", Action.CATALOGUE_EDIT),
    (_("Accounts"), "accounts", Action.ACCOUNT_EDIT),
    (_("Study"), "study", Action.STUDY_CONFIGURE),
)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the top bar's content; for strangers, just the clock."""
    actor = getattr(request, "actor", None)
    around: dict[str, Any] = {"demo_clock": clock.simulated(), "actor": actor, "nav": []}
    if actor is None or actor.user_id is None:
        return around
    around["nav"] = [
        {"words": _(words), "url": reverse(name), "here": request.path.startswith(reverse(name))}
        for words, name, action in PLACES
        if can(actor, action)
    ]
    around["role_label"] = Role(actor.role).label if actor.role in Role.__members__ else None
    around["memberships"] = getattr(request, "memberships", [])
    return around
