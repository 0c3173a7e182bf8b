"""Checks of the eligibility criteria against what the other pages say (protocol §4, EC-001 to EC-037)."""

from __future__ import annotations

from collections.abc import Iterator

from visits.checks.check import Finding, check
from visits.checks.dates import within
from visits.checks.reading import Reading


@check(
    "EC-001",
    severity="H",
    reads="dm.age ie.inc01 ie.elig_outcome",
    en="Under 18 at consent but I1 answered Yes or declared eligible.",
    zh='签署知情同意时未满18周岁,但入选标准1填"是"或判定为符合入组。',
)
def under_age(r: Reading) -> Iterator[Finding]:
    """Ask about I1 of somebody who was under 18 at consent."""
    age = r.value("dm.age")
    if age is None or age >= 18:
        return
    for item, answer in (("inc01", "Y"), ("elig_outcome", "ELIG")):
        if r.value(f"ie.{item}") == answer:
            yield from r.on("IE", item, also=["dm.age"])
            return


@check(
    "EC-011",
    severity="H",
    reads="mh.prior_cva mh.last_cva_date pr.proc_date ie.exc08",
    en="CVA within 60 days of the procedure but E8 answered No.",
    zh='手术前60天内有脑血管意外,但排除标准8填"否"。',
)
def stroke_within_60_days(r: Reading) -> Iterator[Finding]:
    """Ask about E8 where the last stroke certainly lies 0 to 60 days before the procedure."""
    recent = within(r.value("mh.last_cva_date"), r.dossier.proc_date, 0, 60)
    if recent and (r.value("mh.prior_cva"), r.value("ie.exc08")) == ("Y", "N"):
        yield from r.on("IE", "exc08", also=["mh.prior_cva", "mh.last_cva_date", "pr.proc_date"])
