"""Access reviews in the browser: which there are, and the names of one (ACC-09)."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from audit import clock
from sites import access_reviews, factors
from sites.access import Request, can, needs
from sites.proof import LockedOut, needs_code, prove
from sites.rates import limited
from sites.review_records import AccessReview, ReviewedRole
from sites.roles import Action


@needs(Action.ACCESS_REVIEW)
@require_GET
def access_review_list(request: Request) -> HttpResponse:
    """List the reviews, the open ones with their last day."""
    reviews = AccessReview.objects.select_related("site").prefetch_related("roles")
    return render(request, "sites/access_reviews.html", {"reviews": reviews, "today": clock.today()})


@sensitive_post_parameters("password", "code")
@needs(Action.ACCESS_REVIEW)
@never_cache
@require_http_methods(["GET", "POST"])
def access_review(request: Request, review_id: uuid.UUID) -> HttpResponse:
    """Show who holds which role; POST confirms or ends the ones that were marked, under one's password."""
    review = get_object_or_404(AccessReview.objects.select_related("site"), pk=review_id)
    problem = ""
    if request.method == "POST":
        problem = _decided(request, review)
        if not problem:
            messages.success(request, _("Kept under your name."))
            return redirect("access-review", review_id)
    roles = list(review.roles.select_related("membership__user", "decided_by"))
    for role in roles:
        role.typed = request.POST.get(f"role-{role.pk}", "")  # type: ignore[attr-defined]
        role.own = str(role.membership.user_id) == request.actor.user_id  # type: ignore[attr-defined]
    context = {
        "review": review,
        "roles": roles,
        "problem": problem,
        "with_code": needs_code(request),
        "may_end": can(request.actor, Action.ACCOUNT_EDIT),
        "today": clock.today(),
    }
    return render(request, "sites/access_review.html", context, status=422 if problem else 200)


def _decided(request: Request, review: AccessReview) -> str:
    """Keep what was marked; return what stands against it in words."""
    decisions = {
        role.pk: request.POST.get(f"role-{role.pk}", "") for role in review.roles.filter(decision="")
    }
    marked = {key: said for key, said in decisions.items() if said in ReviewedRole.Decision.values}
    if not marked:
        return _("Mark at least one role.")
    try:
        prove(
            request,
            password=request.POST.get("password", ""),
            code=request.POST.get("code", ""),
            at="access review",
        )
        access_reviews.decide(review=review, decisions=marked, by=request.actor)
    except LockedOut:
        return str(factors.SHUT)
    except ValidationError as refused:
        return " ".join(refused.messages)
    return ""


@limited("export")
@needs(Action.ACCOUNT_READ)
@require_GET
def access_history(request: Request) -> HttpResponse:
    """Hand out who held which role when; `?on=2026-11-22` for one day."""
    typed = request.GET.get("on", "")
    try:
        on = parse_date(typed) if typed else None
    except ValueError:
        on = None
    if typed and on is None:
        return HttpResponse(_("Write the date as 2026-11-22."), status=422, content_type="text/plain")
    response = HttpResponse(access_reviews.history(by=request.actor, on=on), content_type="text/csv")
    response["Content-Disposition"] = 'attachment; filename="access-history.csv"'
    return response
