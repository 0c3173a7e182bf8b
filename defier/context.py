"""What every page shows around its own content: who is asking, where they may go, and the study's clock."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import clock
from audit.actors import Actor
from sites.access import can
from sites.reader import reads_chinese
from sites.roles import Action, Role

# Every place: words, and the action that opens it. `home` is open to all who are signed in.
PLACES = {
    "subjects": (gettext_lazy("Subjects"), Action.SUBJECT_READ),
    "calendar": (gettext_lazy("Calendar"), Action.SUBJECT_READ),
    "queries": (gettext_lazy("Queries"), Action.QUERY_READ),
    "checks": (gettext_lazy("Checks"), Action.CHECK_READ),
    "safety": (gettext_lazy("Safety"), Action.SAFETY_READ),
    "locks": (gettext_lazy("Lock"), Action.LOCK_READ),
    "outcomes": (gettext_lazy("Outcomes"), Action.OUTCOMES_POOLED),
    "snapshots": (gettext_lazy("Snapshots"), Action.SNAPSHOT_READ),
    "sites": (gettext_lazy("Sites"), Action.SITE_READ),
    "devices": (gettext_lazy("Devices"), Action.CATALOGUE_EDIT),
    "consents": (gettext_lazy("Consent versions"), Action.CONSENT_VERSION_EDIT),
    "study": (gettext_lazy("Study"), Action.STUDY_CONFIGURE),
    "amendments": (gettext_lazy("Amendments"), Action.AMENDMENT_READ),
    "accounts": (gettext_lazy("Accounts"), Action.ACCOUNT_EDIT),
    "transfers": (gettext_lazy("Transfers"), Action.TRANSFER_READ),
    "voided": (gettext_lazy("Voided subjects"), Action.VOIDED_READ),
}
UPKEEP = ("sites", "devices", "consents", "amendments", "study", "accounts")

# The top bar of a role: its own four to six places, in the order of its work (ux.md, Navigation).
BAR: dict[str, tuple[str, ...]] = {
    Role.COORDINATOR: ("subjects", "calendar", "queries", "safety", "outcomes"),
    Role.INVESTIGATOR: ("subjects", "calendar", "queries", "safety", "outcomes"),
    Role.MONITOR: ("queries", "subjects", "safety", "sites"),
    Role.DATA_MANAGER: ("locks", "queries", "subjects", "outcomes", "snapshots", "sites"),
    Role.STATISTICIAN: ("snapshots", "outcomes", "locks"),
    Role.CEC: ("outcomes",),
    Role.DMC: ("outcomes",),
    Role.INSPECTOR: ("subjects", "queries", "locks", "outcomes", "snapshots", "sites"),
    Role.ADMINISTRATOR: UPKEEP,
}


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the top bar's content; for strangers, just the clock."""
    actor = getattr(request, "actor", None)
    around: dict[str, Any] = {
        "demo_clock": clock.simulated(),
        "actor": actor,
        "nav": [],
        "study_name": "Defier",
    }
    if actor is None or actor.user_id is None:
        return around
    upkeep = places(request, actor, UPKEEP)
    around["nav"] = places(request, actor, BAR.get(actor.role, ()))
    if len(upkeep) > 1 and Role.ADMINISTRATOR != actor.role:
        around["nav"] = [_gathered(place, upkeep) for place in around["nav"]]
        around["subnav"] = upkeep if any(place["here"] for place in upkeep) else []
    around["may_find"] = can(actor, Action.SUBJECT_READ)
    around["role_label"] = Role(actor.role).label if actor.role in Role.__members__ else None
    around["who_name"] = own_name(request)
    around["single_keys"] = request.user.single_keys  # type: ignore[union-attr]
    around["memberships"] = _memberships(request, actor)
    return around


def places(request: HttpRequest, actor: Actor, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return those of the named places that this person may open and that this installation has."""
    found = []
    for name in names:
        words, action = PLACES[name]
        address = address_of(name) if can(actor, action) else None
        if address:
            found.append(
                {"name": name, "words": words, "url": address, "here": request.path.startswith(address)}
            )
    return found


def address_of(name: str, *args: Any) -> str | None:
    """Return the address of a named place, None where no application offers it."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return None


def _gathered(place: dict[str, Any], upkeep: list[dict[str, Any]]) -> dict[str, Any]:
    """Let one place stand for all of upkeep, which then has a line of its own below the bar."""
    if place["name"] != "sites":
        return place
    return {**place, "words": _("Upkeep"), "here": any(other["here"] for other in upkeep)}


def own_name(request: HttpRequest) -> str:
    """Return the person's name in the language of the page."""
    user: Any = request.user
    return (user.full_name_zh if reads_chinese() else "") or user.full_name


def _memberships(request: HttpRequest, actor: Actor) -> list[dict[str, Any]]:
    """Return the roles to choose from; none where a person has only one."""
    held = getattr(request, "memberships", [])
    if len(held) < 2:
        return []
    return [
        {
            "id": one.pk,
            "role": Role(one.role).label,
            "site": one.site_id,
            "here": one.role == actor.role and one.site_id == actor.site,
        }
        for one in held
    ]
