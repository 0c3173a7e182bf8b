"""The plan of verification in the browser: what is in force, whom its samples hold, and putting a new one in.

It stands here, and not beside the plan's own module, because critical items are derived from the endpoints.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from outcomes.critical import critical_items
from protocol.schedule import VISIT
from protocol.words import Bilingual
from sites.access import Request, can, needs, require
from sites.models import Site
from sites.roles import Action
from subjects.fetch import subjects_visible
from visits.crfs import FORMS
from visits.dossier import LOG
from visits.review.sdv import plan as plans
from visits.review.sdv.plan import ANY, VERIFIABLE, InForce, Rule
from visits.review.sdv.records import Plan

ROWS = 4
FIELDS = ("form", "item", "visit", "site", "percent")


@dataclass(frozen=True, slots=True)
class Told:
    """One rule in words, and whom its sample holds."""

    rule: Rule
    form: Bilingual | None
    item: Bilingual | None
    subjects: list[str]


@needs(Action.SDV_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: Request) -> HttpResponse:
    """Show the plan in force; POST puts a new one into force, or keeps what was typed where it is refused."""
    if request.method == "POST":
        return _make(request)
    return _show(request)


def _make(request: Request) -> HttpResponse:
    require(request.actor, Action.SDV_PLAN)
    try:
        plans.make_plan(
            by=request.actor,
            reason=_text(request, "reason"),
            critical=critical_items(),
            rules=_rules(request),
            seed=_text(request, "seed"),
        )
    except ValueError:
        problem = _(
            "Give percentages from 0 to 100, items of the chosen form, and a reason. The plan is unchanged."
        )
        return _show(request, status=422, problem=problem)
    messages.success(request, _("The plan is in force. Marks that stand are kept."))
    return redirect("sdv-plan")


def _rules(request: Request) -> list[Rule]:
    """Read the rules: the share for critical items, for all items, then the rows that name anything."""
    rules = [
        Rule(percent=int(_text(request, "critical")), critical_only=True),
        Rule(percent=int(_text(request, "others"))),
    ]
    columns = [request.POST.getlist(name) for name in FIELDS]
    for form, item, visit, site, percent in zip(*columns, strict=True):
        if percent.strip():
            rules.append(Rule(form or ANY, item.strip() or ANY, visit or ANY, site or ANY, int(percent)))
    return [rule for rule in rules if rule.percent]


def _text(request: Request, name: str) -> str:
    return request.POST.get(name, "").replace("\0", "").strip()


def _show(request: Request, *, status: int = 200, problem: str = "") -> HttpResponse:
    now = plans.in_force()
    derived = critical_items()
    usubjids = list(subjects_visible(request.actor, Action.SUBJECT_READ).values_list("usubjid", flat=True))
    context: dict[str, Any] = {
        "plan": now,
        "made": Plan.objects.first(),
        "earlier": list(Plan.objects.all()[1:20]),
        "rules": [_told(rule, now, usubjids) for rule in now.rules],
        "critical": _by_form(now.critical or {one: sorted(why) for one, why in derived.items()}),
        "critical_count": len(now.critical or derived),
        "total": sum(len(FORMS[form].items()) for form in VERIFIABLE),
        "moved": sorted(set(derived) ^ set(now.critical)) if now.number else [],
        "may_plan": can(request.actor, Action.SDV_PLAN),
        "forms": {form: FORMS[form].title for form in VERIFIABLE},
        "visits": [*VISIT, LOG],
        "sites": Site.objects.filter(role=Site.Role.CLINICAL).order_by("code"),
        "rows": range(ROWS),
        "problem": problem,
        "typed": request.POST,
    }
    return render(request, "sdv/plan.html", context, status=status)


def _told(rule: Rule, now: InForce, usubjids: list[str]) -> Told:
    reached = [
        one
        for one in plans.sample(now.seed, rule.percent, usubjids)
        if rule.reaches(visit=rule.visit, usubjid=one, seed=now.seed)
    ]
    named = rule.form != ANY
    item = FORMS[rule.form].items()[rule.item].label if named and rule.item != ANY else None
    return Told(rule, FORMS[rule.form].title if named else None, item, reached)


def _by_form(critical: Mapping[str, Any]) -> list[tuple[Bilingual, list[tuple[Bilingual, Any]]]]:
    """Return the critical items by form, in words, each with what reads it."""
    found: dict[str, list[tuple[Bilingual, Any]]] = {}
    for address, purposes in critical.items():
        form, _dot, item = address.partition(".")
        found.setdefault(form.upper(), []).append((FORMS[form.upper()].items()[item].label, purposes))
    return [(FORMS[form].title, found[form]) for form in FORMS if form in found]
