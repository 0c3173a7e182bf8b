"""When a session ends by itself: 15 minutes without its person, 12 hours at the latest (ACC-06).

What a page's script asks on its own (autosaves, progress of jobs, whether the session still stands) is not
the person; a script says with a POST to the address `session` that somebody is typing or pointing.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.sessions.backends.base import UpdateError
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import timezone

from audit import room
from audit.actors import Actor
from audit.context import record_event
from sites.access import from_script
from sites.models import User

STARTED, ACTIVE = "started", "active"
STEP_SECONDS = 60
"""How finely activity is kept: a session row is written once a minute at most."""
CLOCKS_APART = 120
"""By how many seconds the clocks of two machines may differ; a session from later than that ends."""
BY_ITSELF = frozenset({"draft"})
"""What a script sends on its own account."""


class TimeoutMiddleware:
    """Sign out who has been away too long; before anything asks who is signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            _settle(request, request.user)
        return self.get_response(request)


def _settle(request: HttpRequest, user: User) -> None:
    now = time.time()
    started, active = request.session.get(STARTED), request.session.get(ACTIVE)
    if started is None or active is None:
        request.session[STARTED] = request.session[ACTIVE] = now
        return
    why = _over(now, started, active)
    if why:
        _end(request, user, why)
    elif now - active >= STEP_SECONDS and _by_the_person(request):
        _keep_active(request, now)


def _keep_active(request: HttpRequest, now: float) -> None:
    """Write that the person is there; where the database has no room to write, reading goes on without."""
    before = request.session[ACTIVE]
    request.session[ACTIVE] = now
    try:
        UserSession.objects.filter(session_key=request.session.session_key).update(
            last_seen_at=timezone.now()
        )
        request.session.save()
    except OperationalError as refused:
        if not room.note(refused):
            raise
        request.session[ACTIVE] = before
    except UpdateError as refused:  # whatever the database said: also that the session is gone
        if refused.__context__ is None or not room.note(refused.__context__):
            return
        request.session[ACTIVE] = before
    request.session.modified = False


def _over(now: float, started: float, active: float) -> str:
    if active - now > CLOCKS_APART:
        return "clock"
    if now - started >= settings.SESSION_COOKIE_AGE:
        return "absolute"
    return "idle" if now - active >= settings.SESSION_IDLE_SECONDS else ""


def _by_the_person(request: HttpRequest) -> bool:
    """Say whether a person is behind a request, not a script that asks by itself."""
    if not from_script(request):
        return True
    if request.method != "POST":
        return False
    try:
        return resolve(request.path_info).url_name not in BY_ITSELF
    except Resolver404:
        return False


def _end(request: HttpRequest, user: User, why: str) -> None:
    key = request.session.session_key
    by = Actor(str(user.pk), user.full_name, "NONE", session=(key or "")[:8])
    record_event("session_ended", by=by, detail={"why": why})
    UserSession.objects.filter(session_key=key).delete()
    logout(request)


def seconds_left(request: HttpRequest) -> int:
    """Return after how many seconds the session ends if nobody touches it."""
    now = time.time()
    started, active = request.session.get(STARTED, now), request.session.get(ACTIVE, now)
    left = min(started + settings.SESSION_COOKIE_AGE, active + settings.SESSION_IDLE_SECONDS) - now
    return max(int(left), 0)


def sessions_of(user: User) -> list[UserSession]:
    """Return the sessions of a person that still stand, the latest first."""
    found: list[UserSession] = UserSession.objects.purge_and_list(user)
    return sorted(found, key=lambda one: one.last_seen_at, reverse=True)


def end_sessions(*, user: User, by: Actor, only: int | None = None, but: str | None = None) -> int:
    """End a person's sessions (all, `only` the named one, all `but` the one with this key); say how many."""
    chosen = UserSession.objects.filter(user=user)
    if only is not None:
        chosen = chosen.filter(pk=only)
    if but is not None:
        chosen = chosen.exclude(session_key=but)
    ended = list(chosen)
    for session in ended:
        session.end()
    if ended:
        detail = {"username": user.username, "sessions": [one.session_key[:8] for one in ended]}
        record_event("sessions_ended", by=by, detail=detail)
    return len(ended)


def renew_session(request: HttpRequest) -> None:
    """Give the session a new id; the old one is worth nothing from now on (ACC-07)."""
    old = request.session.session_key
    request.session.cycle_key()
    UserSession.objects.filter(session_key=old).update(session_key=request.session.session_key)
