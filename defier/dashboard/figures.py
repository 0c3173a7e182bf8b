"""The panels of visits, queries, verification and events; what they count is computed in visits/."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.utils.translation import gettext as _

from defier.dashboard.here import Here
from defier.dashboard.tables import Line, Number, Panel, Series, To, address, crossed, elsewhere
from sites.reader import said
from visits.overview import progress
from visits.overview.progress import VisitLine, tally
from visits.review import query_lists
from visits.review.query_lists import AGES, Wanted
from visits.review.sdv import pages as sdv_pages
from visits.review.sdv import plan as plans
from visits.safety.clocks import sae_clocks

QUERY_LOOKS = ("pale", "soft", "mid", "deep")
STATE_LOOKS = ("deep", "soft", "quiet", "act", "pale")
SDV_LOOKS = ("deep", "act", "pale")
SAE_LISTS = ("overdue", "late", "in_time")
SAE_LOOKS = ("act", "soft", "deep")


def ageing(here: Here) -> Panel:
    """Return the open queries by site and by the time that they have been waiting."""
    counted = query_lists.counted(by=here.by, wanted=Wanted(show="open", site=here.chosen))
    by_site = {line.name: line for line in counted.sites}
    counts: dict[tuple[str, ...], int] = {
        (site, age): n for site, line in by_site.items() for age, n in line.ages.items()
    }
    to = To("queries", "site", "age", own=False, show="open")
    lines = [
        Line(line.name, [*line.numbers, Number(by_site[line.name].number, to(line.name, ""))])
        for line in crossed(counts, sorted(by_site), list(AGES), to=to)
    ]
    every: Counter[str] = sum((line.ages for line in counted.sites), Counter())
    total = every.total()
    older = every["older"]
    return Panel(
        id="ageing",
        title=_("Open queries, by site and age"),
        below=_("days since the site was last asked"),
        kind="stack",
        heading=_("Site"),
        series=[*_series([said(words) for _a, _b, words in AGES.values()], QUERY_LOOKS), Series(_("All"))],
        lines=lines,
        total=_total(
            [Number(every[age], to(here.chosen, age)) for age in AGES], Number(total, to(here.chosen, ""))
        ),
        says=_("Open: %(n)d; of them over 28 days: %(older)d.") % {"n": total, "older": older},
        empty=_("No query is open."),
    )


def completeness(here: Here, lines: Sequence[VisitLine]) -> Panel:
    """Return the scheduled visits by state: what took place, what should have, what can be made now."""
    counts = tally(lines, lambda one: one.column, lambda one: one.state)
    states = list(progress.STATES)
    to = To("visits", "visit", "state", site=here.chosen)
    shown = [code for code in progress.SCHEDULED if (code, "") in counts]
    late = sum(counts.get((code, progress.OVERDUE), 0) for code in shown)
    done = sum(counts.get((code, progress.COMPLETE), 0) for code in shown)
    return Panel(
        id="visits",
        title=_("Visits, by state"),
        below=_("of subjects for whom they are expected"),
        kind="stack",
        heading=_("Visit"),
        series=_series([said(words) for words in progress.STATES.values()], STATE_LOOKS),
        lines=crossed(counts, shown, states, to=to),
        says=_("Complete: %(done)d; overdue: %(late)d.") % {"done": done, "late": late},
        empty=_("No visit has been entered or is due."),
    )


def verification(here: Here) -> Panel:
    """Return the pages of the verification plan by site: verified, changed since, waiting."""
    plan = plans.in_force()
    counts = sdv_pages.counted(by=here.by, plan=plan, site=here.chosen)
    states = list(sdv_pages.STATES)

    def to(site: str, state: str) -> str:
        if state == "waiting":
            return elsewhere("verify", list="all", site=site)
        return address("verification", site=site, state=state)

    lines = [
        Line(site, [Number(counts.get((site, state), 0), to(site, state)) for state in states])
        for site in sorted({site for site, _state in counts})
    ]
    every = {state: sum(n for (_site, one), n in counts.items() if one == state) for state in states}
    return Panel(
        id="verification",
        title=_("Source data verification, by site"),
        below=_("pages of which plan %(n)d asks for items") % {"n": plan.number} if plan.number else "",
        kind="stack",
        heading=_("Site"),
        series=_series([said(words) for words in sdv_pages.STATES.values()], SDV_LOOKS),
        lines=lines,
        total=_total([Number(every[state], to(here.chosen, state)) for state in states]),
        says=_("Pages verified: %(done)d; to verify: %(waiting)d; changed since: %(changed)d.")
        % {"done": every["verified"], "waiting": every["waiting"], "changed": every["changed"]},
        empty=_("There is no plan of verification yet.")
        if not plan.number
        else _("No page is to be verified."),
    )


def safety(here: Here) -> Panel:
    """Return the serious events by site: not told in time and still waiting, told late, in time so far."""
    rows = [row for row in sae_clocks(by=here.by) if here.chosen in ("", row.site)]

    def how(row: object) -> str:
        return "overdue" if row.is_overdue else "late" if row.is_late else "in_time"  # type: ignore[attr-defined]

    counts = tally(rows, lambda row: row.site, how)
    to = To("safety", "site", "show", own=False)
    lists = [*SAE_LISTS, "all"]
    words = (_("past due now"), _("reported late"), _("in time so far"))
    sites = sorted({row.site for row in rows})
    counts.update({(site, "all"): counts[site, ""] for site in sites})
    return Panel(
        id="safety",
        title=_("Serious adverse events reported late, by site"),
        below=_("told to the sponsor, the institution and the ethics committee"),
        kind="stack",
        heading=_("Site"),
        series=[*_series(words, SAE_LOOKS), Series(_("All"))],
        lines=crossed(counts, sites, lists, to=to),
        total=_total(
            [Number(counts.get(("", one), 0), to(here.chosen, one)) for one in SAE_LISTS],
            Number(len(rows), to(here.chosen, "all")),
        ),
        says=_("Events: %(n)d; reported late: %(late)d; past due now: %(due)d.")
        % {
            "late": counts.get(("", "late"), 0),
            "due": counts.get(("", "overdue"), 0),
            "n": len(rows),
        },
        empty=_("No serious event has been recorded."),
    )


def payments(here: Here, lines: Sequence[VisitLine]) -> Panel:
    """Return the completed visits by site and visit, unscheduled ones too, for payments to sites."""
    done = [one for one in lines if one.state == progress.COMPLETE]
    counts = tally(done, lambda one: one.site, lambda one: one.column)
    columns = [code for code in progress.COLUMNS if ("", code) in counts]
    to = To("visits", "site", "visit", state=progress.COMPLETE)
    rows = [
        Line(line.name, [*line.numbers, Number(counts[line.name, ""], to(line.name, ""))])
        for line in crossed(counts, sorted({one.site for one in done}), columns, to=to)
    ]
    return Panel(
        id="payments",
        title=_("Visits completed, by site"),
        below=_("for payments; at the site that follows the subject now"),
        kind="",
        heading=_("Site"),
        series=[*(Series(column) for column in columns), Series(_("All"))],
        lines=rows,
        total=_total(
            [Number(counts.get(("", code), 0), to(here.chosen, code)) for code in columns],
            Number(len(done), to(here.chosen, "")),
        ),
        empty=_("No visit is complete yet."),
        files={"site": here.chosen, "state": progress.COMPLETE},
    )


def _series(words: Sequence[str], looks: Sequence[str]) -> list[Series]:
    return [Series(word, look) for word, look in zip(words, looks, strict=True)]


def _total(numbers: Sequence[Number], *more: Number) -> Line:
    return Line(_("All"), [*numbers, *more])
