"""One's own profile: what a person of any role chooses for themselves."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import activate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sites.access import Request
from sites.account_forms import ProfileForm
from sites.accounts import choose_for_oneself
from sites.factors import has_factor
from sites.timeouts import sessions_of
from sites.way_in import acts_upon


@require_http_methods(["GET", "POST"])
def profile(request: Request) -> HttpResponse:
    """Show and keep how one likes to work; every role has it."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        choose_for_oneself(user=request.user, by=request.actor, **form.choices_made())
        activate(form.cleaned_data["language"])
        messages.success(request, _("Saved."))
        return redirect("profile")
    status = 422 if request.method == "POST" else 200
    context = {
        "form": form,
        "sessions": sessions_of(request.user),
        "this_session": request.session.session_key,
        "has_factor": has_factor(request.user),
        "acts": acts_upon(request.user),
    }
    return render(request, "account/profile.html", context, status=status)
