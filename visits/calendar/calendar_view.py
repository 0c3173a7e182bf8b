"""The visit calendar in the browser, as a file, and as a feed under a secret address."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from audit import clock
from audit.sight import seeing
from protocol.holidays import YEARS, festival_weeks, holidays
from sites.access import Request, actor_for, can, needs, visible_sites
from sites.calendars import CalendarFeed, close_feed, feed_of, open_feed
from sites.models import Membership, Site
from sites.roles import Action
from visits.calendar.ics import MEDIA_TYPE, calendar_file
from visits.calendar.windows import DAY, in_month, month_bounds, weeks_of, windows
from visits.overview.matrix import matrix


@needs(Action.SUBJECT_READ)
@require_GET
def calendar(request: Request) -> HttpResponse:
    """Show a month's visit windows: `?month=2026-11`, `&view=` month or list, `&site=`."""
    return _show(request)


def _show(request: Request, feed_url: str = "") -> HttpResponse:
    """Show the calendar; `feed_url` is a secret address just made, shown this once and kept nowhere."""
    actor, today = request.actor, clock.today()
    month = _month(request.GET.get("month", ""), today)
    view, wanted = request.GET.get("view", "month"), request.GET.get("site", "")
    sites = _sites(request)
    if view not in ("month", "list") or (wanted and wanted not in {site.code for site in sites}):
        raise Http404
    every = [one for one in windows(matrix(actor)) if wanted in ("", one.site)]
    here = in_month(every, month)
    first, last = month_bounds(month)

    def at(**changed: str) -> str:
        values = {"month": f"{month:%Y-%m}", "view": view, "site": wanted} | changed
        return "?" + urlencode({name: value for name, value in values.items() if value})

    context: dict[str, Any] = {
        "month": month,
        "view": view,
        "today": today,
        "windows": here,
        "waiting": sum(one.waits for one in here),
        "weeks": weeks_of(here, month) if view == "month" else [],
        "weekdays": [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")],
        "by_site": _by_site(here, sites),
        "holidays": [one for one in _around(month) if one.first <= last and first <= one.last],
        "festival": _festival(first, last),
        "tabled": YEARS,
        "earlier": at(month=f"{first - DAY:%Y-%m}"),
        "later": at(month=f"{last + DAY:%Y-%m}"),
        "now": at(month=f"{today:%Y-%m}"),
        "views": [(words, at(view=name), name == view) for name, words in _views()],
        "site_links": [("", at(site=""), not wanted)]
        + [(site.code, at(site=site.code), site.code == wanted) for site in sites],
        "sites": sites,
        "feeds": set(_feeds(request)),
        "feed_url": feed_url,
    }
    return render(request, "calendar/calendar.html", context)


def _views() -> list[tuple[str, str]]:
    return [("month", _("Month")), ("list", _("List by site"))]


def _month(given: str, today: date) -> date:
    if not given:
        return today.replace(day=1)
    try:
        month = date.fromisoformat(f"{given}-01")
    except ValueError:
        raise Http404 from None
    if not date(1900, 1, 1) <= month < date(2100, 1, 1):
        raise Http404
    return month


def _sites(request: Request) -> list[Site]:
    visible = visible_sites(request.actor, Action.SUBJECT_READ)
    found = Site.objects.filter(role=Site.Role.CLINICAL).order_by("code")
    return list(found if visible is None else found.filter(code__in=visible))


def _around(month: date) -> list[Any]:
    first, last = month_bounds(month)
    return [one for year in sorted({first.year, last.year}) for one in holidays(year)]


def _festival(first: date, last: date) -> tuple[date, date] | None:
    weeks = festival_weeks(first.year)
    return weeks if weeks and weeks[0] <= last and first <= weeks[1] else None


def _by_site(found: list[Any], sites: list[Site]) -> list[tuple[Site, list[Any]]]:
    grouped = [(site, [one for one in found if one.site == site.code]) for site in sites]
    return [(site, ones) for site, ones in grouped if ones]


def _feeds(request: Request) -> list[str]:
    own = CalendarFeed.objects.filter(user=request.user.pk, revoked_at=None)
    return list(own.values_list("site_id", flat=True))


@needs(Action.SUBJECT_READ)
@require_GET
def download(request: Request, code: str) -> HttpResponse:
    """Return a site's windows as a calendar file."""
    return _file(request.actor, _site(request, code))


@needs(Action.SUBJECT_READ)
@require_POST
def feed(request: Request, code: str) -> HttpResponse:
    """Give this person a secret address for a site (shown once), or let the one they have stop working."""
    site = _site(request, code)
    if request.POST.get("act") == "revoke":
        close_feed(site=site, by=request.actor)
        messages.success(request, _("The address of site %(site)s no longer works.") % {"site": site.code})
    else:
        token = open_feed(site=site, by=request.actor)
        return _show(request, request.build_absolute_uri(reverse("calendar-feed", args=[token])))
    return redirect("calendar")


@never_cache
@require_GET
def by_token(_request: HttpRequest, token: str) -> HttpResponse:
    """Return a site's windows to a calendar program that knows a standing address; 404 to any other.

    The owner's rights are asked anew each time, so that an address ends with the role.
    """
    known = feed_of(token)
    if known is None:
        raise Http404
    today = clock.today()
    for member in Membership.objects.filter(user=known.user, from_date__lte=today):
        actor = actor_for(known.user, member, origin="feed")
        ended = member.to_date is not None and member.to_date < today
        if not ended and can(actor, Action.SUBJECT_READ, known.site_id):
            with seeing((known.site_id,)):
                return _file(actor, known.site)
    raise Http404


def _site(request: Request, code: str) -> Site:
    visible = visible_sites(request.actor, Action.SUBJECT_READ)
    if visible is not None and code not in visible:
        raise Http404
    return get_object_or_404(Site, pk=code)


def _file(actor: Any, site: Site) -> HttpResponse:
    own = [one for one in windows(matrix(actor)) if one.site == site.code]
    answer = HttpResponse(
        calendar_file(own, name=f"Defier {site.code}", now=clock.now()), content_type=MEDIA_TYPE
    )
    answer["Content-Disposition"] = f'attachment; filename="defier-{site.code}.ics"'
    return answer
