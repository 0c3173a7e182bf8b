"""What a person sets for the session: the language, and in which of several roles to work."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import activate
from django.views.decorators.http import require_POST

from sites.access import MEMBERSHIP
from sites.accounts import choose_language


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Switch the language of all pages; kept with the account."""
    chosen = request.POST.get("language", "")
    if chosen not in dict(settings.LANGUAGES):
        raise Http404
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    activate(chosen)
    response = redirect(target)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        chosen,
        max_age=31536000,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    if request.user.is_authenticated:
        choose_language(user=request.user, language=chosen, by=request.actor)
    return response


@require_POST
def role(request: HttpRequest) -> HttpResponse:
    """Work in another of the roles that one holds today."""
    chosen = request.POST.get("membership", "")
    if chosen not in {str(membership.pk) for membership in getattr(request, "memberships", [])}:
        raise Http404
    request.session[MEMBERSHIP] = chosen
    return redirect("/")
