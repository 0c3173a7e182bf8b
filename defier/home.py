"""The home page of each role: what this person must do next, the most urgent first (design §1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from audit import clock
from defier import administrator_home, data_home, inspector_home, job_page, monitor_home, worklist
from defier.context import PLACES, address_of, own_name
from defier.count import Count, ages, oldest
from defier.judging import ToJudge, to_judge
from defier.risk import at_risk
from protocol.words import Bilingual
from sites import access_reviews, reader
from sites.access import Request, can
from sites.models import Site
from sites.roles import POLICY, Action, Role
from subjects.models import Transfer
from subjects.transfer import transfers_visible
from visits.capture.autosaves import drafts_of
from visits.overview.matrix import matrix
from visits.overview.matrix_view import heads, other_signs
from visits.overview.status import PRECEDENCE, acts_of
from visits.review.signing.waiting import Waiting, waiting

SHORT = 8
SHOWN = (
    *("", "visits", "overdue", "closing", "due", "unfinished", "risk", "queries", "confirm", "judge"),
    *("events", "reconsent", "drafts"),
)


@login_required
@require_GET
def home(request: Request) -> HttpResponse:
    """Show what waits for this person; `?show=` narrows the page to the list that a number counts."""
    actor = request.actor
    show = request.GET.get("show", "")
    if show not in SHOWN:
        raise Http404
    template, gather = HOMES.get(actor.role, ("home/places.html", _places))
    context = {"show": show, "today": clock.today(), "greeting": greeting(), **_who(request)}
    context["jobs"] = job_page.going_on(actor)
    if can(actor, Action.TRANSFER_READ):
        context["transfers"] = transfers_visible(by=actor).filter(state=Transfer.State.PROPOSED)
    return render(request, template, context | gather(request, show))


def greeting() -> str:
    """Return the greeting of the hour at the site."""
    hour = clock.now().astimezone(clock.ZONE).hour
    return _("Good morning") if hour < 12 else _("Good afternoon") if hour < 18 else _("Good evening")


def _who(request: Request) -> dict[str, Any]:
    actor = request.actor
    site = Site.objects.filter(code=actor.site).first() if actor.site else None
    return {"name": own_name(request), "site": site}


def _site(request: Request, show: str) -> dict[str, Any]:
    """Gather what a coordinator or an investigator must do."""
    actor, today = request.actor, clock.today()
    rows = matrix(actor)
    due = worklist.visits_due(rows, today)
    unfinished = worklist.unfinished(rows, actor)
    risks = at_risk(rows, reader.language())
    queries = list(worklist.queries_waiting(actor, "OPEN"))
    acts, drafts = acts_of(actor), drafts_of(by=actor)
    mine = [row for row in rows if row.todo]
    judges = can(actor, Action.ELIGIBILITY_CONFIRM)
    confirm = worklist.to_confirm(actor) if judges else None
    judge = to_judge(actor) if judges else None
    signable = waiting(actor) if can(actor, Action.SIGN) else None
    chosen = [one for one in due if one.cell.mark.sign == show] if show in worklist.PRESSING else due
    return {
        "counts": _counts(confirm, judge, signable, _site_counts(due, queries, unfinished, risks)),
        "due": chosen if show in (*worklist.PRESSING, "visits") else due[: SHORT + 2],
        "due_count": len(chosen),
        "queries": queries if show == "queries" else queries[:SHORT],
        "query_count": len(queries),
        "drafts": drafts if show == "drafts" else drafts[:SHORT],
        "draft_count": len(drafts),
        "unfinished": unfinished if show == "unfinished" else unfinished[:SHORT],
        "unfinished_count": len(unfinished),
        "risks": risks if show == "risk" else risks[:SHORT],
        "risk_count": len(risks),
        "confirm": confirm,
        "judge": judge,
        "rows": mine[:SHORT],
        "mine_count": len(mine),
        "total": len(rows),
        "cohorts": can(actor, Action.COHORT_READ),
        "heads": heads(),
        "todo_signs": [sign for sign in PRECEDENCE if sign in acts],
        "settled_signs": other_signs(acts),
        "next": _next([*(judge or []), *(confirm or []), *due], queries, unfinished),
        "may_add": can(actor, Action.SUBJECT_SCREEN),
    }


def _counts(
    confirm: list[worklist.Unfinished] | None,
    judge: list[ToJudge] | None,
    signable: list[Waiting] | None,
    of_site: list[Count],
) -> list[Count]:
    """Return the head line: a coordinator's six numbers; an investigator's own come before the others."""
    if confirm is None or judge is None or signable is None:
        return of_site
    ready, broken = (sum(bool(getattr(one, what)) for one in signable) for what in ("ready", "broken"))
    console = reverse("signing")
    here = reverse("home")
    own = [
        Count(
            "to-sign",
            len(confirm),
            _("Eligibility to confirm"),
            _("concluded, not confirmed"),
            f"{here}?show=confirm#confirm",
        ),
        Count(
            "to-sign",
            ready,
            _("Visits to sign"),
            _("pages complete, no query open"),
            f"{console}?show=ready",
        ),
        Count(
            "broken",
            broken,
            _("Visits with broken signatures"),
            _("changed since they were signed"),
            f"{console}?show=broken",
        ),
        Count("ask", len(judge), _("SAEs to judge"), _("relation not answered"), f"{here}?show=judge#judge"),
    ]
    return own + [count for count in of_site if count.sign not in ("closing", "due")]


def _next(first: list[Any], queries: list[Any], unfinished: list[Any]) -> str:
    """Return the address of the next thing to do: own judgements, visits, queries, then open pages."""
    if first:
        return first[0].url
    return reverse("query", args=[queries[0].pk]) if queries else unfinished[0].url if unfinished else ""


def _site_counts(due: list, queries: list, unfinished: list, risks: list) -> list[Count]:
    number = {sign: sum(one.cell.mark.sign == sign for one in due) for sign in worklist.PRESSING}
    here = reverse("home")
    return [
        Count(
            "overdue",
            number["overdue"],
            _("Visits overdue"),
            _("window closed, no entry"),
            f"{here}?show=overdue#visits",
        ),
        Count(
            "closing",
            number["closing"],
            _("Windows closing"),
            _("within 14 days"),
            f"{here}?show=closing#visits",
        ),
        Count("due", number["due"], _("Visits due"), _("window open"), f"{here}?show=due#visits"),
        Count(
            "query-open",
            len(queries),
            _("Queries to answer"),
            oldest(queries),
            f"{reverse('queries')}?show=open",
        ),
        Count(
            "incomplete",
            len(unfinished),
            _("Unfinished pages"),
            _("items missing"),
            f"{here}?show=unfinished#unfinished",
        ),
        Count(
            "target",
            len(risks),
            _("Endpoint data at risk"),
            _("what can still be saved"),
            f"{here}?show=risk#risk",
        ),
    ]


def _monitor(request: Request, show: str) -> dict[str, Any]:
    """Gather what a monitor must do, with the numbers of the head line."""
    found = monitor_home.monitor(request)
    queries, verify = reverse("queries"), reverse("verify")
    answered, opened = found["answered"], found["opened"]
    found["counts"] = [
        Count(
            "query-answered",
            found["answered_count"],
            _("Queries answered"),
            oldest(answered),
            f"{queries}?show=answered",
        ),
        Count(
            "stale",
            found["stale_count"],
            _("Changed after verification"),
            _("old and new side by side"),
            f"{verify}?list=stale",
        ),
        Count(
            "to-verify",
            found["pages_count"],
            _("Pages to verify"),
            _("%(n)d of %(m)d items") % {"n": found["pending_count"], "m": found["due_count"]},
            f"{verify}?list=all",
        ),
        Count(
            "query-open",
            len(opened),
            _("Queries open"),
            oldest(sorted(opened, key=lambda one: one.opened_at)),
            f"{queries}?show=open",
        ),
    ]
    return {**found, "ages": ages(opened), "places": _places(request, show)["places"]}


def _data_manager(request: Request, show: str) -> dict[str, Any]:
    return {**data_home.data_manager(request, show), "places": _places(request, show)["places"]}


def _inspector(request: Request, show: str) -> dict[str, Any]:
    return {**inspector_home.inspector(request, show), "places": _places(request, show)["places"]}


def _administrator(request: Request, show: str) -> dict[str, Any]:
    return {**administrator_home.administrator(request, show), **_places(request, show)}


def _committee(request: Request, show: str) -> dict[str, Any]:
    """Gather the events that the committee has not decided; by subject number, never by cohort."""
    events = worklist.to_adjudicate()
    return {"events": events, "event_count": len(events), "places": _places(request, show)["places"]}


def _places(request: Request, show: str) -> dict[str, Any]:
    """Gather the places of a role whose work is elsewhere, and what its policy allows."""
    actor = request.actor
    allowed = POLICY[Role(actor.role)] if actor.role in Role.__members__ else {}
    places = [
        (str(words), address_of(name), _purpose(name))
        for name, (words, action) in PLACES.items()
        if action in allowed and address_of(name)
    ]
    late = access_reviews.overdue() if can(actor, Action.ACCESS_REVIEW) else []
    return {
        "late_reviews": late,
        "places": places,
        "allowed": [MAY[action] for action in allowed if action in MAY],
    }


def _purpose(name: str) -> str:
    return {
        "subjects": _("every subject across the schedule"),
        "calendar": _("visit windows by month and site, with public holidays"),
        "dead-jobs": _("work that failed three times and waits for somebody"),
        "dashboard": _("how far the study is, site by site"),
        "queries": _("questions to the sites and their answers"),
        "verify": _("items to compare with the source"),
        "visit-reports": _("what was verified and asked on a visit"),
        "sdv-plan": _("which items of which subjects are verified"),
        "safety": _("serious adverse events and their reporting times"),
        "signing": _("pages that wait for a signature, and signatures that broke"),
        "locks": _("what stands between the data and the lock"),
        "outcomes": _("endpoints, estimates and the subjects behind them"),
        "snapshots": _("locked datasets with their hashes"),
        "trail": _("who changed what, lists to review, export"),
        "redactions": _("values taken out of the trail by two people"),
        "checks": _("how often each check asks, and what it found"),
        "imports": _("files of laboratories and core laboratories"),
        "coding": _("the sites' own words beside the terms of a dictionary"),
        "sites": _("sites, ethics approvals, activation"),
        "devices": _("the catalogue of study devices"),
        "consents": _("consent versions by site"),
        "study": _("the registry record and its limits"),
        "amendments": _("protocol versions, site by site"),
        "accounts": _("people and their roles"),
        "access-reviews": _("every quarter: who still needs which role"),
        "transfers": _("subjects that move to another site"),
        "voided": _("subjects created in error"),
    }.get(name, "")


MAY: dict[Action, Bilingual] = {
    Action.SUBJECT_READ: Bilingual("read subjects and their pages", "查看受试者及其页面"),
    Action.TRAIL_READ: Bilingual("read the audit trail", "查看稽查轨迹"),
    Action.LOCK_READ: Bilingual("see what is locked", "查看锁定情况"),
    Action.OUTCOMES_POOLED: Bilingual("read results, cohorts together", "查看合并结果"),
    Action.OUTCOMES_BY_COHORT: Bilingual("read results by cohort", "按队列查看结果"),
    Action.SNAPSHOT_READ: Bilingual("see locked datasets", "查看锁定数据集"),
    Action.SNAPSHOT_DOWNLOAD: Bilingual("download locked datasets", "下载锁定数据集"),
    Action.CEC_DECIDE: Bilingual("decide events, blind to the cohort", "在对队列设盲下裁定事件"),
    Action.SITE_EDIT: Bilingual("keep sites", "维护中心"),
    Action.CATALOGUE_EDIT: Bilingual("keep the device catalogue", "维护器械目录"),
    Action.CONSENT_VERSION_EDIT: Bilingual("keep consent versions", "维护知情同意书版本"),
    Action.ACCOUNT_EDIT: Bilingual("keep accounts and roles", "维护账户与角色"),
    Action.SIGN: Bilingual("sign pages", "签署页面"),
    Action.PDF_REQUEST: Bilingual("print pages and casebooks", "打印页面和病例册"),
}
Gather = Callable[[Request, str], dict[str, Any]]
HOMES: dict[str, tuple[str, Gather]] = {
    Role.COORDINATOR: ("home/site.html", _site),
    Role.INVESTIGATOR: ("home/site.html", _site),
    Role.MONITOR: ("home/monitor.html", _monitor),
    Role.DATA_MANAGER: ("home/data.html", _data_manager),
    Role.INSPECTOR: ("home/inspector.html", _inspector),
    Role.ADMINISTRATOR: ("home/administrator.html", _administrator),
    Role.CEC: ("home/committee.html", _committee),
}
