"""The home page of each role: what this person must do next, the most urgent first (design §1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from audit import clock
from defier import administrator_home, data_home, inspector_home, job_page, monitor_home, site_home, worklist
from defier.context import own_name
from defier.places import places
from sites.access import Request, can
from sites.models import Site
from sites.roles import Action, Role
from subjects.models import Transfer
from subjects.transfer import transfers_visible

SHOWN = (
    *("", "visits", "overdue", "closing", "due", "unfinished", "risk", "queries", "confirm", "judge"),
    *("events", "reconsent", "drafts"),
)


@login_required
@require_GET
def home(request: Request) -> HttpResponse:
    """Show what waits for this person; `?show=` narrows the page to the list that a number counts."""
    actor = request.actor
    show = request.GET.get("show", "")
    if show not in SHOWN:
        raise Http404
    template, gather = HOMES.get(actor.role, ("home/places.html", _places))
    context = {"show": show, "today": clock.today(), "greeting": greeting(), **_who(request)}
    context["jobs"] = job_page.going_on(actor)
    if can(actor, Action.TRANSFER_READ):
        context["transfers"] = transfers_visible(by=actor).filter(state=Transfer.State.PROPOSED)
    return render(request, template, context | gather(request, show))


def greeting() -> str:
    """Return the greeting of the hour at the site."""
    hour = clock.now().astimezone(clock.ZONE).hour
    return _("Good morning") if hour < 12 else _("Good afternoon") if hour < 18 else _("Good evening")


def _who(request: Request) -> dict[str, Any]:
    actor = request.actor
    site = Site.objects.filter(code=actor.site).first() if actor.site else None
    return {"name": own_name(request), "site": site}


def _monitor(request: Request, show: str) -> dict[str, Any]:
    return {**monitor_home.monitor(request), "places": places(request)["places"]}


def _data_manager(request: Request, show: str) -> dict[str, Any]:
    return {**data_home.data_manager(request, show), "places": places(request)["places"]}


def _inspector(request: Request, show: str) -> dict[str, Any]:
    return {**inspector_home.inspector(request, show), "places": places(request)["places"]}


def _administrator(request: Request, show: str) -> dict[str, Any]:
    return {**administrator_home.administrator(request, show), **places(request)}


def _committee(request: Request, show: str) -> dict[str, Any]:
    """Gather the events that the committee has not decided; by subject number, never by cohort."""
    events = worklist.to_adjudicate()
    return {"events": events, "event_count": len(events), "places": places(request)["places"]}


def _places(request: Request, show: str) -> dict[str, Any]:
    return places(request)


Gather = Callable[[Request, str], dict[str, Any]]
HOMES: dict[str, tuple[str, Gather]] = {
    Role.COORDINATOR: ("home/site.html", site_home.site),
    Role.INVESTIGATOR: ("home/site.html", site_home.site),
    Role.MONITOR: ("home/monitor.html", _monitor),
    Role.DATA_MANAGER: ("home/data.html", _data_manager),
    Role.INSPECTOR: ("home/inspector.html", _inspector),
    Role.ADMINISTRATOR: ("home/administrator.html", _administrator),
    Role.CEC: ("home/committee.html", _committee),
}
