"""The page behind an invitation's link: a password is chosen there, once (ACC-10)."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from sites import invitations
from sites.factor_forms import ChosenPasswordForm
from sites.plain_forms import show
from sites.rates import limited


@limited("invitation")
@sensitive_post_parameters("new", "again")
@never_cache
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for a password and keep it; 410 for a link that is good no more."""
    try:
        person = invitations.invited(token).user
        form = ChosenPasswordForm(request.POST or None)
        if request.method == "POST" and form.is_valid() and _accepted(token, form):
            messages.success(request, _("The password is kept. Sign in with it."))
            return redirect("account_login")
    except invitations.Spent:
        return render(request, "account/spent.html", status=410)
    status = 422 if request.method == "POST" else 200
    return render(request, "account/invitation.html", {"form": form, "person": person}, status=status)


def _accepted(token: str, form: ChosenPasswordForm) -> bool:
    try:
        invitations.accept(token=token, password=form.cleaned_data["new"])
    except ValidationError as refused:
        show(form, ValidationError({"new": refused.messages}))
        return False
    return True
