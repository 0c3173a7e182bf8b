"""The data manager's page of checks: how each fares, its candidates, and running all of them anew."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from audit.jobs import enqueue
from sites.access import Request, can, needs
from sites.roles import Action
from visits.models import Query
from visits.review import check_rates
from visits.review.queries import NotPossible, move_query

SHOWN = {
    "protocol": lambda rate: rate.check.id.startswith("EC-"),
    "asking": lambda rate: rate.queries > 0,
    "candidates": lambda rate: rate.candidates > 0,
    "all": lambda rate: True,
}


@needs(Action.CHECK_READ)
@require_GET
def checks(request: Request) -> HttpResponse:
    """List the checks with their numbers; `?show=` those of §4, those that asked, with candidates, or all."""
    show = request.GET.get("show", "protocol")
    if show not in SHOWN:
        raise Http404
    found = check_rates.rates(by=request.actor)
    order = request.GET.get("order", "id")
    listed = [rate for rate in found if SHOWN[show](rate)]
    if order == "rate":
        listed.sort(key=lambda rate: -(rate.percent or 0))
    context = {
        "rates": listed,
        "show": show,
        "order": order,
        "counts": {name: sum(map(test, found)) for name, test in SHOWN.items()},
        "candidates": sum(rate.candidates for rate in found),
        "may_rerun": can(request.actor, Action.CHECK_RERUN),
    }
    return render(request, "checks/list.html", context)


@needs(Action.CHECK_RERUN)
@require_POST
def rerun(request: Request) -> HttpResponse:
    """Ask for all checks to be run over all subjects and show how far that is."""
    candidates = request.POST.get("candidates") == "on"
    asked = enqueue("rerun_checks", by=request.actor, args={"candidates": candidates})
    return redirect(reverse("job", args=[asked.pk]))


@needs(Action.CHECK_RERUN)
@require_POST
def settle(request: Request) -> HttpResponse:
    """Release, or call off, all candidate queries of one check."""
    check_id, move = request.POST.get("check", ""), request.POST.get("move", "")
    if check_id not in check_rates.known() or move not in ("release", "cancel"):
        raise Http404
    done = 0
    for query in Query.objects.filter(check_id=check_id, state=Query.State.CANDIDATE):
        try:
            move_query(query=query, move=move, by=request.actor)
            done += 1
        except NotPossible:
            continue
    told = ngettext("%(n)d candidate query moved on.", "%(n)d candidate queries moved on.", done) % {
        "n": done
    }
    if done:
        messages.success(request, told)
    else:
        messages.warning(request, _("No candidate query was moved on."))
    return redirect(f"{reverse('checks')}?show=candidates")
