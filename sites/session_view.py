"""What a person sets for themselves: the language, the role to work in, the password."""

from __future__ import annotations

from allauth.account.internal.stagekit import unstash_login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, update_session_auth_hash
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import activate
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from audit.context import record_event
from sites.access import MEMBERSHIP, Request
from sites.account_forms import PasswordForm
from sites.accounts import choose_language, set_password
from sites.lockout import tell_if_locked
from sites.models import User
from sites.plain_forms import show
from sites.timeouts import end_sessions, seconds_left


@never_cache
@require_http_methods(["GET", "POST"])
def session(request: Request) -> HttpResponse:
    """Tell a page's script who is signed in by now, and the token that its next form needs.

    A page that was open while somebody signed in, here or in another window, goes on with it. A POST says
    that the person is there: the session goes on from now. A GET leaves its end where it is.
    """
    left = seconds_left(request) if request.user.is_authenticated else 0
    person = request.actor.user_id or ""
    waits = not person and unstash_login(request, peek=True) is not None
    return JsonResponse({"person": person, "token": get_token(request), "left": left, "code": waits})


@require_POST
def language(request: Request) -> HttpResponse:
    """Switch the language of all pages; kept with the account, for strangers in a cookie."""
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
        max_age=365 * 24 * 3600,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    if request.user.is_authenticated:
        choose_language(user=request.user, language=chosen, by=request.actor)
    return response


@require_POST
def role(request: Request) -> HttpResponse:
    """Work in another of the roles that one holds today."""
    if not request.user.is_authenticated:
        return redirect_to_login("/")
    chosen = request.POST.get("membership", "")
    membership = next((held for held in request.memberships if str(held.pk) == chosen), None)
    if membership is None:
        raise Http404
    request.session[MEMBERSHIP] = chosen
    detail = {"role": membership.role, "site": membership.site_id}
    record_event("role", by=request.actor, detail=detail)
    return redirect("/")


@sensitive_post_parameters("old", "new", "again")
@never_cache
@require_http_methods(["GET", "POST"])
def password(request: Request) -> HttpResponse:
    """Change one's own password; every other session of this person ends (ACC-07)."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _changed(request, form):
        messages.success(request, _("The password is changed. Other sessions are signed out."))
        return redirect("/")
    status = 422 if request.method == "POST" else 200
    first = request.user.must_change_password
    return render(request, "account/password.html", {"form": form, "first": first}, status=status)


def _changed(request: Request, form: PasswordForm) -> bool:
    """Keep the new password where the old one is right; wrong ones count towards the lockout."""
    if not _proven(request, form.cleaned_data["old"]):
        form.add_error("old", _("This is not the present password."))
        return False
    try:
        user = set_password(user=request.user, password=form.cleaned_data["new"], by=request.actor)
    except ValidationError as refused:
        show(form, ValidationError({"new": refused.messages}))
        return False
    update_session_auth_hash(request, user)
    end_sessions(user=user, by=request.actor, but=request.session.session_key)
    return True


def _proven(request: HttpRequest, password: str) -> bool:
    user = request.user
    assert isinstance(user, User)
    found = authenticate(request, username=user.canonical, password=password)
    if found is None:
        tell_if_locked(request, user)
    return found is not None and found.pk == user.pk
