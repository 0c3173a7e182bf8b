"""Transfers in the browser: the list, proposing one, and the page on which another administrator answers."""

from __future__ import annotations

import uuid

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from audit import clock
from sites.access import Request, can, needs
from sites.models import Site
from sites.plain_forms import Plain
from sites.reader import said
from sites.roles import Action
from subjects.models import Transfer
from subjects.transfer import (
    TransferRefused,
    accept_transfer,
    decline_transfer,
    propose_transfer,
    transfer_or_404,
    transfers_visible,
)


class TransferForm(Plain):
    """What a proposal names: the subject by its whole number, the receiving site, the day, the reason."""

    usubjid = forms.CharField(label=gettext_lazy("Subject number"), max_length=20)
    to_site = forms.ModelChoiceField(label=gettext_lazy("Receiving site"), queryset=Site.objects.none())
    on = forms.DateField(label=gettext_lazy("Day of the transfer"))
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        clinical = Site.objects.filter(role=Site.Role.CLINICAL, status=Site.Status.ACTIVE).order_by("code")
        self.fields["to_site"].queryset = clinical  # type: ignore[attr-defined]
        self.fields["to_site"].label_from_instance = (  # type: ignore[attr-defined]
            lambda site: f"{site.code} {site.name_en} {site.name_zh}"
        )


@needs(Action.TRANSFER_READ)
@require_http_methods(["GET", "POST"])
def transfers(request: Request) -> HttpResponse:
    """List all transfers, those that wait first; POST proposes one."""
    may_propose = can(request.actor, Action.SUBJECT_TRANSFER)
    form = None
    if may_propose:
        first = {"on": clock.today(), "usubjid": request.GET.get("subject", "")[:20]}
        form = TransferForm(request.POST) if request.method == "POST" else TransferForm(initial=first)
    if request.method == "POST":
        if form is None:
            raise PermissionDenied
        if form.is_valid():
            try:
                propose_transfer(**form.cleaned_data, by=request.actor)
            except TransferRefused as refused:
                form.add_error(refused.field or None, said(refused.message))
            else:
                messages.success(request, _("Proposed. Another administrator has to accept it."))
                return redirect("transfers")
    context = {"form": form, "transfers": list(transfers_visible(by=request.actor)[:200])}
    return render(request, "arrange/transfers.html", context, status=422 if request.method == "POST" else 200)


@needs(Action.TRANSFER_READ)
@require_http_methods(["GET", "POST"])
def transfer(request: Request, transfer_id: uuid.UUID) -> HttpResponse:
    """Show what a transfer does; POST accepts or declines it (`answer`)."""
    found = transfer_or_404(request.actor, transfer_id)
    may_answer = can(request.actor, Action.SUBJECT_TRANSFER)
    problem, status = "", 200
    if request.method == "POST":
        if not may_answer:
            raise PermissionDenied
        try:
            if request.POST.get("answer") == "accept":
                accept_transfer(transfer=found, by=request.actor)
                done = _("%(id)s now belongs to site %(site)s.")
            else:
                decline_transfer(transfer=found, by=request.actor)
                done = _("Declined: %(id)s stays at its site.")
        except TransferRefused as refused:
            problem, status = said(refused.message), 409
        else:
            messages.success(request, done % {"id": found.subject.usubjid, "site": found.to_site_id})
            return redirect("transfers")
    context = {
        "transfer": found,
        "waits": found.state == Transfer.State.PROPOSED,
        "own": found.proposed_by_id == request.actor.user_id,
        "may_answer": may_answer,
        "problem": problem,
    }
    return render(request, "arrange/transfer.html", context, status=status)
