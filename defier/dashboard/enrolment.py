"""The panels of the enrolment: by site against its plan, and by quarter beside an even plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from defier.dashboard.here import Here
from defier.dashboard.tables import Line, Number, Panel, Series, address
from sites.models import Study
from sites.reader import said
from visits.overview.progress import Enrolled

# "Enrolled over approximately 2 years" (the record's summary; protocol §1.5, C08).
ENROLMENT_MONTHS = 24


def by_site(here: Here, found: Sequence[Enrolled], study: Study) -> Panel:
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


def by_quarter(here: Here, found: Sequence[Enrolled], study: Study, today: date) -> Panel:
    """Return the enrolment by quarter, summed up, beside an even plan."""
    start = _first_day(study.planned_start)
    goal = next((one.planned_n for one in here.sites if one.code == here.chosen), _whole_plan(here, study))
    days = [one.on for one in found] + ([start] if start else [])
    quarters = _quarters(min(days), max(today, _months_on(start, ENROLMENT_MONTHS))) if days else []
    within, lines, so_far = Counter(quarter_of(one.on) for one in found), [], 0
    for quarter, last in quarters:
        so_far += within[quarter]
        entered = [Number(None), Number(None)]
        if _first_of(last) <= today:
            entered = [
                Number(within[quarter], address("enrolled", quarter=quarter, site=here.chosen)),
                Number(so_far, address("enrolled", until=quarter, site=here.chosen)),
            ]
        lines.append(Line(quarter, [*entered, Number(_planned_by(last, start, goal))]))
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
