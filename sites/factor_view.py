"""One's own second factor in the browser: add an authenticator app, see recovery codes once, renew them."""

from __future__ import annotations

import base64

from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from sites import factors
from sites.access import Request
from sites.factor_forms import AppForm, CodesForm
from sites.plain_forms import show
from sites.proof import LockedOut, needs_code, prove
from sites.timeouts import end_sessions, renew_session

KEPT_SECRET = "new_factor"  # noqa: S105  the name of a place in the session


@sensitive_post_parameters("password", "code")
@never_cache
@require_http_methods(["GET", "POST"])
def factor(request: Request) -> HttpResponse:
    """Show the second factor, or how to add one; POST adds one or renews the recovery codes.

    Every other session of the person ends, and this one gets a new id (ACC-07).
    """
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    has = factors.has_factor(request.user)
    form = _form(request, has)
    if request.method == "POST" and form.is_valid():
        codes = _kept(request, form, has)
        if codes is not None:
            return render(request, "account/codes.html", {"codes": codes, "renewed": has})
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "has": has, **({} if has else _to_scan(request))}
    return render(request, "account/factor.html", context, status=status)


def _form(request: Request, has: bool) -> AppForm | CodesForm:
    if not has:
        return AppForm(request.POST or None)
    form = CodesForm(request.POST or None)
    if not needs_code(request):
        del form.fields["code"]
    return form


def _to_scan(request: Request) -> dict[str, str]:
    """Return the secret to be scanned or typed; the same until a code of it was given."""
    adapter = factors.FactorAdapter()
    if KEPT_SECRET not in request.session:
        request.session[KEPT_SECRET] = adapter.encrypt(generate_totp_secret())
    secret = adapter.decrypt(request.session[KEPT_SECRET])
    drawn = adapter.build_totp_svg(adapter.build_totp_url(request.user, secret))
    grouped = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return {
        "secret": grouped,
        "drawn": "data:image/svg+xml;base64," + base64.b64encode(drawn.encode()).decode(),
    }


def _kept_secret(request: Request) -> str:
    """Return the secret that was shown; somebody who was shown none has none, and no code fits."""
    kept = request.session.get(KEPT_SECRET)
    return factors.FactorAdapter().decrypt(kept) if kept else generate_totp_secret()


def _kept(request: Request, form: AppForm | CodesForm, has: bool) -> list[str] | None:
    """Add the app or renew the codes where password and code are right; return the recovery codes."""
    typed, user = form.cleaned_data, request.user
    try:
        prove(request, password=typed["password"], code=typed.get("code", "") if has else "", at="factor")
        if has:
            codes = factors.renew_recovery_codes(user=user, by=request.actor)
        else:
            codes = factors.add_app(
                request=request,
                user=user,
                secret=_kept_secret(request),
                code=typed["code"],
                by=request.actor,
            )
            request.session.pop(KEPT_SECRET, None)
    except LockedOut:
        form.add_error(None, factors.SHUT)
        return None
    except ValidationError as refused:
        show(form, refused)
        return None
    renew_session(request)
    end_sessions(user=user, by=request.actor, but=request.session.session_key)
    return codes
