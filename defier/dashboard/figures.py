"""The panels of the dashboard; what they count is computed elsewhere (visits/), and nothing is by cohort."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from audit.actors import Actor
from defier.dashboard.tables import Line, Number, Panel, Series, To, address, crossed, elsewhere
from sites.models import Site, Study
from sites.reader import said
from visits.overview import progress
from visits.overview.progress import Enrolled, VisitLine, tally
from visits.review import query_lists
from visits.review.query_lists import AGES, Wanted
from visits.review.sdv import pages as sdv_pages
from visits.review.sdv import plan as plans
from visits.safety.clocks import sae_clocks

# "Enrolled over approximately 2 years" (the record's summary; protocol §1.5, C08).
ENROLMENT_MONTHS = 24
QUERY_LOOKS = ("pale", "soft", "mid", "deep")
STATE_LOOKS = ("deep", "soft", "quiet", "act", "pale")
SDV_LOOKS = ("deep", "act", "pale")
SAE_LISTS = ("overdue", "late", "in_time")
SAE_LOOKS = ("act", "soft", "deep")


@dataclass(frozen=True, slots=True)
class Here:
    """Whose sites the page is about: all that this person may see, or one of them."""

    by: Actor
    sites: Sequence[Site]
    chosen: str

    @property
    def codes(self) -> list[str]:
        """The clinical sites to show, in order."""
        return [site.code for site in self.sites if not self.chosen or site.code == self.chosen]

    @property
    def words(self) -> str:
        """The site in words, nothing for all."""
        return _("site %(code)s") % {"code": self.chosen} if self.chosen else ""


def enrolment(here: Here, found: Sequence[Enrolled], study: Study) -> Panel:
    """Return the subjects enrolled and planned by site."""
    at = Counter(one.site for one in found)
    planned = {site.code: site.planned_n for site in here.sites}
    names = {site.code: said(site.name) for site in here.sites}
    lines = [
        Line(
            code,
            [Number(at[code], address("enrolled", site=code)), Number(planned[code])],
            beside=names[code],
        )
        for code in here.codes
    ]
    total = len(found)
    goal = planned.get(here.chosen) if here.chosen else _whole_plan(here, study)
    return Panel(
        id="enrolment",
        title=_("Enrolment against plan, by site"),
        below=_("enrolled: a study device was introduced"),
        kind="plan",
        heading=_("Site"),
        series=[Series(_("Enrolled"), "deep"), Series(_("Plan"), "plan")],
        lines=lines,
        total=Line(
            _("All"), [Number(total, address("enrolled", site=here.chosen)), Number(goal)], beside=here.words
        ),
        says=_("Enrolled: %(n)d; planned: %(goal)s.") % {"n": total, "goal": goal or "–"},
    )


def course(here: Here, found: Sequence[Enrolled], study: Study, today: date) -> Panel:
    """Return the enrolment by quarter, summed up, beside an even plan."""
    start = _first_day(study.planned_start)
    goal = next((one.planned_n for one in here.sites if one.code == here.chosen), _whole_plan(here, study))
    days = [one.on for one in found] + ([start] if start else [])
    quarters = _quarters(min(days), max(today, _months_on(start, ENROLMENT_MONTHS))) if days else []
    within, lines, so_far = Counter(quarter_of(one.on) for one in found), [], 0
    for quarter, last in quarters:
        begun = _first_of(last) <= today
        so_far += within[quarter]
        filters = {"site": here.chosen}
        lines.append(
            Line(
                quarter,
                [
                    Number(within[quarter], address("enrolled", quarter=quarter, **filters))
                    if begun
                    else Number(None),
                    Number(so_far, address("enrolled", until=quarter, **filters)) if begun else Number(None),
                    Number(_planned_by(last, start, goal)),
                ],
            )
        )
    return Panel(
        id="course",
        title=_("Enrolment over time"),
        below=_("the plan: evenly over %(n)d months") % {"n": ENROLMENT_MONTHS},
        kind="course",
        heading=_("Quarter"),
        series=[
            Series(_("In the quarter")),
            Series(_("So far"), "deep"),
            Series(_("Planned by its end"), "plan"),
        ],
        lines=lines,
        says=_("By quarter: enrolled so far as a line with circles, the plan as a dashed line."),
        empty=_("Nobody is enrolled, and the study has no planned start."),
    )


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
        series=[
            *(
                Series(said(words), look)
                for (_a, _b, words), look in zip(AGES.values(), QUERY_LOOKS, strict=True)
            ),
            Series(_("All")),
        ],
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
        series=[
            Series(said(words), look)
            for words, look in zip(progress.STATES.values(), STATE_LOOKS, strict=True)
        ],
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
        series=[
            Series(said(words), look)
            for words, look in zip(sdv_pages.STATES.values(), SDV_LOOKS, strict=True)
        ],
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
        series=[
            *(Series(word, look) for word, look in zip(words, SAE_LOOKS, strict=True)),
            Series(_("All")),
        ],
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


def _total(numbers: Sequence[Number], *more: Number) -> Line:
    return Line(_("All"), [*numbers, *more])


def quarter_of(day: date) -> str:
    """Return the quarter of a day, 2026Q4."""
    return f"{day.year}Q{(day.month - 1) // 3 + 1}"


def _quarters(first: date, last: date) -> list[tuple[str, date]]:
    """Return the quarters from one day to another, each with its last day."""
    found, day = [], date(first.year, (first.month - 1) // 3 * 3 + 1, 1)
    while day <= last:
        following = _months_on(day, 3)
        found.append((quarter_of(day), date.fromordinal(following.toordinal() - 1)))
        day = following
    return found


def _first_of(last: date) -> date:
    return date(last.year, last.month - 2, 1)


def _months_on(day: date | None, months: int) -> date:
    """Return the first day of the month so many months on; the first of all days where there is none."""
    if day is None:
        return date.min
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def _first_day(text: str) -> date | None:
    """Return the first day of what the record gives: a day, or a month."""
    try:
        return date.fromisoformat(f"{text}-01"[:10])
    except ValueError:
        return None


def _whole_plan(here: Here, study: Study) -> int | None:
    """Return the plan of all that this person may see: of the one site, or of the study."""
    return here.sites[0].planned_n if len(here.sites) == 1 else study.target_n


def _planned_by(day: date, start: date | None, goal: int | None) -> int | None:
    """Return how many subjects an even plan has by the end of a day."""
    if start is None or goal is None:
        return None
    whole = (_months_on(start, ENROLMENT_MONTHS) - start).days
    return round(goal * min(max((day - start).days + 1, 0) / whole, 1.0))
