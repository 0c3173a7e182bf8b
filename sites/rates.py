"""How often something may be asked for: counted in PostgreSQL, for all web processes together (SEC-12).

A count of a minute is one row that is raised by one statement; when the database is away the request fails
anyway, so that nothing is ever unlimited.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from http import HTTPStatus
from typing import Any

from axes.helpers import get_client_ip_address
from django.db import connection, models
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from audit.actors import Actor
from audit.context import record_event
from sites.reader import reads_chinese

MOST: dict[str, int] = {
    "login": 60,
    "code": 60,
    "invitation": 20,
    "search": 120,
    "autosave": 240,
    "export": 120,
    "upload": 30,
}
"""How often in a minute: per person, and per address of the network for who is not signed in."""
SECONDS = 60
WATCH = Actor.system("rate limits", origin="web")
View = Callable[..., HttpResponseBase]


class RateCount(models.Model):
    """How often one asker asked for one kind of thing in one window of time."""

    pk = models.CompositePrimaryKey("kind", "asker", "window")
    kind = models.CharField(max_length=20)
    asker = models.CharField(max_length=64)
    window = models.DateTimeField()
    asked = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.kind} {self.asked}"


RAISE = """
INSERT INTO sites_ratecount AS known (kind, asker, "window", asked) VALUES (%s, %s, %s, 1)
ON CONFLICT (kind, asker, "window") DO UPDATE SET asked = known.asked + 1
RETURNING asked
"""


def count(kind: str, asker: str) -> int:
    """Count one more request and return how many there were in this minute; one statement."""
    now = datetime.now(UTC).timestamp()
    window = datetime.fromtimestamp(now - now % SECONDS, UTC)
    with connection.cursor() as cursor:
        cursor.execute(RAISE, [kind, asker[:64], window])
        return int(cursor.fetchone()[0])


def forget_old(*, before: datetime) -> int:
    """Delete the counts of windows that have passed, and say how many."""
    return RateCount.objects.filter(window__lt=before).delete()[0]


def limited(kind: str, *, posts_only: bool = False) -> Callable[[View], View]:
    """Answer 429 to who asks for a view more than MOST times in a minute; the first refusal is recorded."""

    def marked(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if posts_only and request.method != "POST":
                return view(request, *args, **kwargs)
            asked = count(kind, _asker(request))
            if asked <= MOST[kind]:
                return view(request, *args, **kwargs)
            if asked == MOST[kind] + 1:
                by: Actor = getattr(request, "actor", WATCH)
                who = WATCH if by.user_id is None else by
                record_event("rate_limited", by=who, detail={"kind": kind})
            return _refused(request)

        return guarded

    return marked


def _asker(request: HttpRequest) -> str:
    user = request.user
    return str(user.pk) if user.is_authenticated else f"ip:{get_client_ip_address(request)}"


def _refused(request: HttpRequest) -> HttpResponse:
    words = _(
        "Nothing was done. Wait a minute and try again; what you typed is still there when you go back."
    )
    status = HTTPStatus.TOO_MANY_REQUESTS
    response: HttpResponse
    if request.headers.get("X-Requested-With") == "fetch":
        response = JsonResponse({"words": words}, status=status)
    else:
        around = {
            "title": _("Too many requests"),
            "words": words,
            "request_id": getattr(request, "request_id", ""),
            "lang": "zh-Hans" if reads_chinese() else "en",
        }
        response = HttpResponse(render_to_string("problem.html", around), status=status)
    response.headers["Retry-After"] = str(SECONDS)
    return response
