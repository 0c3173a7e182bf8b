"""What a person sees when a request is refused or fails: words in the person's language, a number, no inside.

These pages ask neither the database nor a context processor, which may be what has failed (SEC-13).
"""

import sys
from http import HTTPStatus

import structlog
from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token

from audit import room
from sites.again import give_back, opened_by
from sites.reader import reads_chinese

log = structlog.get_logger(__name__)


def answer(request: HttpRequest, *, status: int, title: str, words: str) -> HttpResponse:
    """Return the page of a problem."""
    around = {
        "title": title,
        "words": words,
        "request_id": getattr(request, "request_id", ""),
        "lang": "zh-Hans" if reads_chinese() else "en",
    }
    return HttpResponse(render_to_string("problem.html", around), status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(
        request,
        status=400,
        title=_("This request was not understood"),
        words=_("Nothing was saved. Go back and try again."),
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say why, where the refusal gave a reason in words (a role, a missing training)."""
    return answer(
        request,
        status=403,
        title=_("You may not do this"),
        words=str(exception) or _("Your role in the study does not include it. Nothing was changed."),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Refuse a form that our own page did not make, or one of a session that has ended since.

    A page's script learns from the header X-Form that its form is too old, and sends it anew. Without the
    script, a form of our own pages that this person had opened comes back to be sent again as it was: signing
    in in another window makes every older form too old, and nobody should type twice for that.
    """
    if _is_ours(request):
        return give_back(request, status=HTTPStatus.FORBIDDEN)
    response = answer(
        request,
        status=403,
        title=_("This form is too old"),
        words=_("Nothing was saved. Go back, copy what you typed, reload the page and enter it again."),
    )
    response.headers["X-Form"] = "old"
    return response


def _is_ours(request: HttpRequest) -> bool:
    """Say whether a page of ours sent this form, opened by who is signed in; by a script it is sent anew."""
    here = f"{request.scheme}://{request.get_host()}"
    actor = getattr(request, "actor", None)
    return (
        request.headers.get("X-Requested-With") is None
        and request.headers.get("Origin") == here
        and bool(opened_by(request))
        and actor is not None
        and opened_by(request) == actor.user_id
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(
        request,
        status=404,
        title=_("There is nothing here"),
        words=_("This page does not exist, or it belongs to a site that is not yours."),
    )


def too_much(request: HttpRequest) -> HttpResponse:
    return answer(
        request,
        status=413,
        title=_("Too much on one form"),
        words=_(
            "This form has more than %(limit)s fields. Nothing was saved. Go back, save it in parts, and tell"
            " the data manager."
        )
        % {"limit": settings.DATA_UPLOAD_MAX_NUMBER_FIELDS},
    )


def too_large(request: HttpRequest) -> HttpResponse:
    return answer(
        request,
        status=413,
        title=_("Too large"),
        words=_("Nothing was saved. A file may have 20 MB; go back and choose a smaller one."),
    )


def too_long(request: HttpRequest) -> HttpResponse:
    return answer(
        request,
        status=413,
        title=_("Too much text on one form"),
        words=_("Nothing was saved. Go back and shorten the longest text."),
    )


def locked(request: HttpRequest) -> HttpResponse:
    """Say that a lock refused what was sent, where the page itself does not say so (LCK-01)."""
    return answer(
        request,
        status=409,
        title=_("This is locked"),
        words=_("Nothing was changed. A data manager has locked the page, the subject or the study."),
    )


def unavailable(request: HttpRequest, exception: BaseException | None) -> HttpResponse | None:
    """Return the 503 of a database that is away, busy or without room to write; None for any other fault."""
    if not isinstance(exception, OperationalError):
        return None
    log.warning("database_busy", path=request.path, error=type(exception.__cause__).__name__)
    return read_only(request) if room.note(exception) else busy(request)


def read_only(request: HttpRequest) -> HttpResponse:
    response = answer(
        request,
        status=503,
        title=_("The study can only be read for now"),
        words=_(
            "The database has no room to write, and those who look after it can see so. Nothing was saved. Go"
            " back and try again in some minutes; what you typed is still there."
        ),
    )
    response.headers["Retry-After"] = "60"
    return response


def busy(request: HttpRequest) -> HttpResponse:
    response = answer(
        request,
        status=503,
        title=_("The system is busy"),
        words=_("Nothing was saved. Go back and try again in a minute; what you typed is still there."),
    )
    response.headers["Retry-After"] = "60"
    return response


@requires_csrf_token
def failed(request: HttpRequest) -> HttpResponse:
    """Say that something went wrong; what failed outside of a view (sessions, say) may be the database."""
    return unavailable(request, sys.exception()) or answer(
        request,
        status=500,
        title=_("Something went wrong"),
        words=_("Nothing was saved. The fault has been recorded and will be looked at."),
    )
