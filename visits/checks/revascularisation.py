"""Checks of revascularisations: against the index procedure, each other, and the site."""

from __future__ import annotations

from collections.abc import Iterator

from visits.checks.check import Finding, check
from visits.checks.dates import before, more_days_than, within
from visits.checks.lesion import is_no_target, reading_of
from visits.checks.reading import Reading

LONGEST_FOLLOW_UP = 820
DUPLICATE_DAYS = 7


@check(
    "EC-096",
    severity="H",
    reads="rev.rev_date rev.rev_separate pr.proc_date",
    en="Same-day procedure: state whether it was a separate session.",
    zh="与研究手术同日，请注明是否为不同手术。",
)
def same_day_without_session(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to a procedure of day 0 that does not say whether it was another session."""
    day0 = r.value("pr.proc_date")
    for page in r.of("REV"):
        if within(day0, page.get("rev_date"), 0, 0) and page.get("rev_separate") is None:
            yield r.finding(page, "rev_separate", "rev_date", also=["pr.proc_date"])


@check(
    "EC-102",
    severity="S",
    reads="rev.rev_date rev.rev_tl_lesion rev.rev_reasons",
    en="Possible duplicate revascularisation.",
    zh="疑似重复记录的血运重建。",
)
def recorded_twice(r: Reading) -> Iterator[Finding]:
    """Ask about two unplanned records of one lesion within seven days; at the later record."""
    unplanned = [
        page
        for page in r.of("REV")
        if page.get("rev_tl_lesion") is not None and page.get("rev_reasons") not in (None, [], ["PLAN"])
    ]
    for position, page in enumerate(unplanned):
        twins = [
            other
            for other in unplanned[:position]
            if other.get("rev_tl_lesion") == page.get("rev_tl_lesion")
            and within(other.get("rev_date"), page.get("rev_date"), -DUPLICATE_DAYS, DUPLICATE_DAYS)
        ]
        if twins:
            yield r.finding(page, "rev_date", "rev_tl_lesion", also=[(one, "rev_date") for one in twins])


@check(
    "EC-103",
    severity="S",
    reads="rev.rev_reasons pr.staged_target pr.staged_planned",
    en="Staged procedure not declared at index.",
    zh="分期手术未在研究手术时声明。",
)
def stage_not_declared(r: Reading) -> Iterator[Finding]:
    """Ask where a planned stage was not declared for the target lesion at the index procedure.

    No staged procedure at all (which hides the second answer) is no declaration either.
    """
    denied = r.value("pr.staged_target") == "N" or r.value("pr.staged_planned") == "N"
    for page in r.of("REV"):
        if page.get("rev_reasons") == ["PLAN"] and denied:
            yield r.finding(page, "rev_reasons", also=["pr.staged_planned", "pr.staged_target"])


@check(
    "RNG-REV.rev_date-H",
    severity="H",
    reads="rev.rev_date pr.proc_date",
    en="Revascularisation before the index procedure: enter it as history.",
    zh="血运重建日期早于研究手术，请作为既往史录入。",
)
def revascularised_before_procedure(r: Reading) -> Iterator[Finding]:
    """Refuse completeness where even the last compatible day lies before the procedure."""
    for page in r.of("REV"):
        if before(page.get("rev_date"), r.value("pr.proc_date")):
            yield r.finding(page, "rev_date", also=["pr.proc_date"])


@check(
    "RNG-REV.rev_date-S",
    severity="S",
    reads="rev.rev_date pr.proc_date",
    en="Revascularisation more than 820 days after the index procedure.",
    zh="血运重建距研究手术超过820天。",
)
def revascularised_very_late(r: Reading) -> Iterator[Finding]:
    """Ask about a revascularisation after the end of all follow-up."""
    for page in r.of("REV"):
        if more_days_than(LONGEST_FOLLOW_UP, r.value("pr.proc_date"), page.get("rev_date")):
            yield r.finding(page, "rev_date", also=["pr.proc_date"])


@check(
    "RNG-REV.rev_tl_lesion-H",
    severity="H",
    reads="rev.rev_tl_lesion les.is_target les.lesion_no les.les_reader",
    en="Choose a target lesion.",
    zh="请选择靶病变。",
)
def revascularised_no_target(r: Reading) -> Iterator[Finding]:
    """Refuse completeness where the lesion concerned is no target lesion."""
    for page in r.of("REV"):
        lesion = page.get("rev_tl_lesion")
        if is_no_target(r, lesion):
            yield r.finding(page, "rev_tl_lesion", also=[(reading_of(r, lesion), "is_target")])


@check(
    "RNG-REV.rev_hospital-S",
    severity="S",
    reads="rev.rev_hospital site",
    en="Performed at another hospital: please attach its documents.",
    zh="在其他医院实施，请附该院资料。",
)
def performed_elsewhere(r: Reading) -> Iterator[Finding]:
    """Ask where the hospital is not the site's own, in either language."""
    own = [name.casefold() for name in (r.site.name_en, r.site.name_zh) if name]
    for page in r.of("REV"):
        written = (page.get("rev_hospital") or "").casefold().strip()
        if written and own and not any(written in name or name in written for name in own):
            yield r.finding(page, "rev_hospital")
