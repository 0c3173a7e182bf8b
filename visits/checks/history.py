"""Checks of history and pregnancy against other pages (protocol §4, EC-010, EC-012, EC-013, EC-016)."""

from __future__ import annotations

from collections.abc import Iterator

from protocol import criteria
from protocol.partial_dates import PartialDate
from visits.checks.check import Finding, check
from visits.checks.dates import more_days_than
from visits.checks.reading import Reading
from visits.crfs.criteria import eligibility_inputs


@check(
    "EC-010",
    severity="S",
    reads="dm.childbearing dm.pregnancy_test_date pr.proc_date",
    en="Pregnancy test older than 7 days at procedure.",
    zh="妊娠试验距手术超过7天。",
)
def old_pregnancy_test(r: Reading) -> Iterator[Finding]:
    """Ask about a pregnancy test of more than 7 days before the procedure."""
    old = more_days_than(7, r.value("dm.pregnancy_test_date"), r.dossier.proc_date)
    if old and r.value("dm.childbearing") == "CBP":
        yield from r.on("DM", "pregnancy_test_date", also=["pr.proc_date"])


@check(
    "EC-012",
    severity="S",
    reads="mh.prior_cva mh.last_cva_date pr.proc_date",
    en="Partial CVA date: cannot decide E8; give the exact date.",
    zh="卒中日期不完整，无法判断排除标准8，请补充。",
)
def stroke_date_incomplete(r: Reading) -> Iterator[Finding]:
    """Ask for the exact date of the last stroke where its unknown part decides E8.

    The question is the history's, where the date can be completed. Before there is a procedure nothing can
    be decided by any date, and nothing is asked.
    """
    stroke = r.value("mh.last_cva_date")
    if r.value("mh.prior_cva") != "Y" or stroke is None or r.dossier.proc_date is None:
        return
    undetermined = criteria.recent_cva(eligibility_inputs(r.dossier)).answer == "U"
    if undetermined and not PartialDate.of(stroke).complete:
        yield from r.on("MH", "last_cva_date", also=["pr.proc_date"])


@check(
    "EC-013",
    severity="S",
    reads="mh.dm_type cm.cm_class",
    en="Glucose-lowering drug without diabetes.",
    zh="有降糖药但未记录糖尿病。",
)
def drug_without_diabetes(r: Reading) -> Iterator[Finding]:
    """Ask about the history of somebody without diabetes who takes a glucose-lowering drug."""
    drugs = [page for page in r.of("CM") if page.get("cm_class") == "GLU"]
    if drugs and r.value("mh.dm_type") == "N":
        yield from r.on("MH", "dm_type", also=[(page, "cm_class") for page in drugs])


@check(
    "EC-016",
    severity="S",
    reads="mh.dm_years dm.age",
    en="Diabetes duration exceeds age.",
    zh="糖尿病病程超过年龄。",
)
def diabetes_before_birth(r: Reading) -> Iterator[Finding]:
    """Ask about a duration of diabetes of more years than the subject has lived."""
    years, age = r.value("mh.dm_years"), r.value("dm.age")
    if years is not None and age is not None and years > age:
        yield from r.on("MH", "dm_years", also=["dm.age"])
