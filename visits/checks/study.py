"""Checks of one subject among all: the enrolment target, possible doubles, and an age that can be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from protocol.partial_dates import PartialDate
from visits.checks.check import Finding, check
from visits.checks.dates import day_of
from visits.checks.reading import Also, Reading

TARGET = 578


@check(
    "EC-126",
    severity="S",
    reads="pr.study_dev_introduced study",
    en="Enrolment target 578 exceeded.",
    zh="已超过计划入组数578例。",
)
def enrolled_beyond_target(r: Reading) -> Iterator[Finding]:
    """Tell of the subjects who are enrolled when the target had been reached."""
    if r.value("pr.study_dev_introduced") == "Y" and r.facts.others_enrolled >= TARGET:
        yield from r.on("PR", "study_dev_introduced", enrolled=r.facts.others_enrolled + 1)


@check(
    "EC-132",
    severity="S",
    reads="dm.sex dm.birth_ym lh.target_limb ps.ps_implant_date ic.rescreen_of study",
    to="data_manager",
    en="Possible duplicate enrolment (query to the data manager).",
    zh="疑似重复入组(由数据管理员核查)。",
)
def enrolled_twice(r: Reading) -> Iterator[Finding]:
    """Tell of another subject of the same sex, birth, limb and prior stent that no re-screening explains."""
    alike = {"sex": r.value("dm.sex"), "birth_ym": r.value("dm.birth_ym")}
    alike["target_limb"] = r.value("lh.target_limb")
    stents = [page for page in r.of("PS") if _complete(page.get("ps_implant_date"))]
    if None in alike.values() or not stents:
        return
    others = r.facts.look_alikes(
        **alike,
        implant_dates=[page.get("ps_implant_date") for page in stents],
        rescreen_of=r.value("ic.rescreen_of") or "",
    )
    if others:
        read: list[Also] = ["lh.target_limb", *((page, "ps_implant_date") for page in stents)]
        yield from r.on("DM", "sex", "birth_ym", also=read, alike=", ".join(others))


def _complete(day: str | None) -> bool:
    return day is not None and PartialDate.of(day).complete


@check(
    "EC-133",
    severity="H",
    reads="dm.age dm.birth_ym ic.consent_dt",
    en="Age does not fit the month of birth (completed years, not nominal age).",
    zh="年龄与出生年月不符(应填周岁，非虚岁)。",
)
def age_impossible(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to an age that no day of birth in that month (or year) makes at consent."""
    age, birth, consent = r.value("dm.age"), r.value("dm.birth_ym"), day_of(r.value("ic.consent_dt"))
    if age is None or birth is None or not isinstance(consent, date):
        return
    born = PartialDate.of(birth)
    if not completed_years(born.latest, consent) <= age <= completed_years(born.earliest, consent):
        yield from r.on("DM", "age", "birth_ym", also=["ic.consent_dt"])


def completed_years(born: date, on: date) -> int:
    """Return the years of life completed on a day."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
