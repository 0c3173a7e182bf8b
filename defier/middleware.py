"""What every answer carries and what every request is held to, before any page is asked."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from audit import room
from defier import problems
from visits.capture.entry import Locked
from visits.review.locking import refused_by_lock

Respond = Callable[[HttpRequest], HttpResponse]

HEARD_OUT = 4 * settings.REQUEST_MAX_BYTES

PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in ("camera", "geolocation", "microphone", "payment", "usb", "browsing-topics")
)


class HeadersMiddleware:
    """Put the Permissions-Policy on every answer, and let no shared computer keep a clinical page."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(ZoneInfo(settings.DISPLAY_ZONE)):
            response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        if not request.path.startswith(settings.STATIC_URL):
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class LimitsMiddleware:
    """Answer in words what is no text, or exceeds a limit: of fields, of time in the database (SEC-21)."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.META.get("QUERY_STRING", "") or "%00" in request.META.get("QUERY_STRING", ""):
            # No page of ours makes such an address, and PostgreSQL stores no such text.
            return problems.bad_request(request, ValueError("NUL"))
        if request.method == "POST":
            length = request.META.get("CONTENT_LENGTH") or "0"
            if length.isdigit() and int(length) > settings.REQUEST_MAX_BYTES:
                _hear_out(request)
                return problems.too_large(request)
            try:
                request.POST  # noqa: B018 - reading it is what counts the fields
            except (TooManyFieldsSent, TooManyFilesSent):
                return problems.too_much(request)
            except RequestDataTooBig:
                _hear_out(request)
                return problems.too_long(request)
        response = self.get_response(request)
        if request.method == "POST" and response.status_code < 400:
            room.forget()
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return 409 for what a lock refused, 503 when the database is busy or away; all else is a 500."""
        if isinstance(exception, Locked) or (
            isinstance(exception, DatabaseError) and refused_by_lock(exception)
        ):
            return problems.locked(request)
        return problems.unavailable(request, exception)


def _hear_out(request: HttpRequest) -> None:
    """Read what is refused anyway: a browser that is cut off while it sends never sees the answer."""
    left = HEARD_OUT
    while left > 0 and (part := request.read(64 * 1024)):
        left -= len(part)
