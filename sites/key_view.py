"""One's own security keys in the browser: list them, add one, remove one, each under the password."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from sites import factors, security_keys
from sites.access import Request
from sites.factor_forms import KeysForm
from sites.plain_forms import show
from sites.proof import LockedOut, needs_code, prove
from sites.timeouts import end_sessions, renew_session


@sensitive_post_parameters("password", "code", "credential")
@never_cache
@require_http_methods(["GET", "POST"])
def keys(request: Request) -> HttpResponse:
    """Show the keys; POST adds the one that has just answered, or removes the one named by `remove`.

    Every other session of the person ends, and this one gets a new id (ACC-07).
    """
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if not factors.has_factor(request.user):
        return redirect("factor")
    form = KeysForm(request.POST or None)
    if not needs_code(request):
        del form.fields["code"]
    if request.method == "POST" and form.is_valid() and _changed(request, form):
        renew_session(request)
        end_sessions(user=request.user, by=request.actor, but=request.session.session_key)
        messages.success(request, _("Saved."))
        return redirect("security-keys")
    context = {
        "form": form,
        "keys": security_keys.keys_of(request.user),
        "options": security_keys.challenge(request.user),
    }
    return render(request, "account/keys.html", context, status=422 if request.method == "POST" else 200)


def _changed(request: Request, form: KeysForm) -> bool:
    """Add or remove a key where the password (and code) are right, and say whether that was done."""
    typed, user = form.cleaned_data, request.user
    removed = request.POST.get("remove", "")
    try:
        prove(request, password=typed["password"], code=typed.get("code", ""), at="factor")
        if removed:
            key = int(removed) if removed.isascii() and removed.isdigit() and len(removed) < 19 else 0
            security_keys.remove_key(user=user, key=key, by=request.actor)
        else:
            security_keys.add_key(user=user, name=typed["name"], answer=typed["credential"], by=request.actor)
    except LockedOut:
        form.add_error(None, factors.SHUT)
        return False
    except ValidationError as refused:
        show(form, refused)
        return False
    return True
