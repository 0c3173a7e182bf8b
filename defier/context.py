"""What every page shows around its own content: who is asking, where they may go, and the study's clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy

from audit import clock, room
from audit.actors import Actor
from audit.restored import unreleased
from sites.access import can
from sites.reader import reads_chinese
from sites.roles import Action, Role
from sites.timeouts import seconds_left

# Every place: words, and the action that opens it. `home` is open to all who are signed in.
PLACES = {
    "subjects": (gettext_lazy("Subjects"), Action.SUBJECT_READ),
    "calendar": (gettext_lazy("Calendar"), Action.SUBJECT_READ),
    "dashboard": (gettext_lazy("Dashboard"), Action.DASHBOARD_READ),
    "verify": (gettext_lazy("Verify"), Action.SDV_READ),
    "queries": (gettext_lazy("Queries"), Action.QUERY_READ),
    "visit-reports": (gettext_lazy("Visit reports"), Action.VISIT_REPORT_READ),
    "sdv-plan": (gettext_lazy("Verification plan"), Action.SDV_READ),
    "safety": (gettext_lazy("Safety"), Action.SAFETY_READ),
    "signing": (gettext_lazy("Signing"), Action.SIGN),
    "locks": (gettext_lazy("Lock"), Action.LOCK_READ),
    "outcomes": (gettext_lazy("Outcomes"), Action.OUTCOMES_POOLED),
    "snapshots": (gettext_lazy("Snapshots"), Action.SNAPSHOT_READ),
    "trail": (gettext_lazy("Trail"), Action.TRAIL_LISTS_READ),
    "redactions": (gettext_lazy("Redactions"), Action.REDACTION_READ),
    "checks": (gettext_lazy("Checks"), Action.CHECK_READ),
    "imports": (gettext_lazy("Imports"), Action.IMPORT_READ),
    "coding": (gettext_lazy("Coding"), Action.CODING_READ),
    "sites": (gettext_lazy("Sites"), Action.SITE_READ),
    "devices": (gettext_lazy("Devices"), Action.CATALOGUE_EDIT),
    "consents": (gettext_lazy("Consent versions"), Action.CONSENT_VERSION_EDIT),
    "study": (gettext_lazy("Study"), Action.SITE_READ),
    "amendments": (gettext_lazy("Amendments"), Action.AMENDMENT_READ),
    "accounts": (gettext_lazy("Accounts"), Action.ACCOUNT_READ),
    "access-reviews": (gettext_lazy("Access reviews"), Action.ACCESS_REVIEW),
    "dead-jobs": (gettext_lazy("Failed jobs"), Action.JOB_READ),
    "transfers": (gettext_lazy("Transfers"), Action.TRANSFER_READ),
    "voided": (gettext_lazy("Voided subjects"), Action.VOIDED_READ),
}


@dataclass(frozen=True, slots=True)
class Gathered:
    """Rarer places that share one in the bar: it opens the first of them; a line below it has them all."""

    words: Any
    names: tuple[str, ...]


VERIFY = Gathered(gettext_lazy("Verify"), ("verify", "visit-reports", "sdv-plan"))
SUBJECTS = Gathered(
    gettext_lazy("Subjects"), ("subjects", "dashboard", "calendar", "safety", "transfers", "voided")
)
MONITORED = Gathered(gettext_lazy("Subjects"), ("subjects", "dashboard", "calendar"))
CALENDAR = Gathered(gettext_lazy("Calendar"), ("calendar", "dashboard", "redactions"))
DATA = Gathered(
    gettext_lazy("Data"),
    ("snapshots", "trail", "imports", "coding", "checks", "redactions", "dead-jobs", *VERIFY.names),
)
SITES = Gathered(gettext_lazy("Sites"), ("sites", "dead-jobs"))
ACCESS = Gathered(gettext_lazy("Accounts"), ("accounts", "access-reviews"))
UPKEEP = Gathered(
    gettext_lazy("Upkeep"),
    ("sites", "devices", "consents", "amendments", "study", "accounts", "access-reviews"),
)

# The top bar of a role: its own four to six places, in the order of its work (ux.md, Navigation).
BAR: dict[str, tuple[str | Gathered, ...]] = {
    Role.COORDINATOR: ("subjects", "queries", "calendar", "dashboard", "safety", "outcomes"),
    Role.INVESTIGATOR: ("signing", "subjects", "queries", CALENDAR, "safety", "outcomes"),
    Role.MONITOR: (VERIFY, "queries", MONITORED, "safety", "sites", "trail"),
    Role.DATA_MANAGER: ("locks", "queries", SUBJECTS, "outcomes", DATA, UPKEEP),
    Role.STATISTICIAN: ("snapshots", "outcomes", "locks"),
    Role.CEC: ("outcomes",),
    Role.DMC: ("outcomes",),
    Role.INSPECTOR: (SUBJECTS, "queries", "locks", "outcomes", DATA, UPKEEP),
    Role.ADMINISTRATOR: (SITES, ACCESS, "consents", "devices", "amendments", "transfers"),
}


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the top bar's content; for strangers, just the clock."""
    actor = getattr(request, "actor", None)
    around: dict[str, Any] = {
        "demo_clock": clock.simulated(),
        "actor": actor,
        "nav": [],
        "study_name": "Defier",
        "unreleased": unreleased(),
        "no_room": room.is_out(),
        "mfa_off": not settings.MFA_REQUIRED,
    }
    if actor is None or actor.user_id is None:
        return around
    around["session_seconds"] = seconds_left(request)
    around["nav"], around["subnav"] = bar(request, actor)
    around["may_find"] = can(actor, Action.SUBJECT_READ)
    around["role_label"] = Role(actor.role).label if actor.role in Role.__members__ else None
    around["who_name"] = own_name(request)
    around["single_keys"] = request.user.single_keys  # type: ignore[union-attr]
    around["memberships"] = _memberships(request, actor)
    return around


def bar(request: HttpRequest, actor: Actor) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """Return the places of the bar, and the line below it when the page belongs to gathered ones."""
    shown: list[dict[str, Any]] = []
    below = None
    for one in BAR.get(actor.role, ()):
        found = places(request, actor, one.names if isinstance(one, Gathered) else (one,))
        if not isinstance(one, Gathered) or len(found) < 2:
            shown += found
            continue
        here = any(place["here"] for place in found)
        shown.append({**found[0], "words": one.words, "here": here})
        # A subject's own pages have a bar of their own, which names the subject.
        if here and not _of_a_subject(request):
            below = {"words": one.words, "places": found}
    return shown, below


def _of_a_subject(request: HttpRequest) -> bool:
    found = request.resolver_match
    return found is not None and found.route.startswith("subjects/<uuid:subject_id>/")


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
    here = [place for place in found if place["here"]]
    for place in here:  # a place below another one is the one where the reader is
        place["here"] = place is max(here, key=lambda one: len(str(one["url"])))
    return found


def address_of(name: str, *args: Any) -> str | None:
    """Return the address of a named place, None where no application offers it."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return None


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
