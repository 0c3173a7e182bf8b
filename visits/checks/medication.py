"""Checks of medications: the antiplatelet of the first month, and dates long ago."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from visits.checks.check import Finding, check
from visits.checks.dates import after, before, within
from visits.checks.reading import Reading
from visits.dossier import PageRecord

FIRST_MONTH = 30
YEARS_AGO = 30


@check(
    "EC-125",
    severity="S",
    reads="cm.cm_class cm.cm_ongoing cm.cm_end cm.cm_start pr.proc_date dth.death_date",
    en="P2Y12 inhibitor stopped within 30 days.",
    zh="术后30天内停用P2Y12抑制剂。",
)
def antiplatelet_stopped_early(r: Reading) -> Iterator[Finding]:
    """Ask about a P2Y12 inhibitor that ended on days 0 to 29 while nothing else covers day 30."""
    day0, death = r.value("pr.proc_date"), r.value("dth.death_date")
    if day0 is None:
        return
    day30 = day0 + timedelta(days=FIRST_MONTH)
    if death is not None and not after(death, day30):
        return
    taken = [page for page in r.of("CM") if page.get("cm_class") == "P2Y12"]
    for page in taken:
        ended = page.get("cm_ongoing") == "N" and within(day0, page.get("cm_end"), 0, FIRST_MONTH - 1)
        if ended and not any(_may_cover(other, day30) for other in taken if other is not page):
            yield r.finding(page, "cm_end", "cm_ongoing", also=["pr.proc_date"])


def _may_cover(page: PageRecord, day: date) -> bool:
    """Say whether a medication was, or may have been, taken on a day."""
    ended = page.get("cm_ongoing") == "N" and before(page.get("cm_end"), day)
    return not ended and not after(page.get("cm_start"), day)


@check(
    "RNG-CM.cm_start-S",
    severity="S",
    reads="cm.cm_start today",
    en="Started more than 30 years ago: please confirm.",
    zh="开始日期在30年以前，请确认。",
)
def taken_for_decades(r: Reading) -> Iterator[Finding]:
    """Ask about a start more than thirty years before today."""
    try:
        then = r.today.replace(year=r.today.year - YEARS_AGO)
    except ValueError:  # 29 February has no anniversary in most years
        then = date(r.today.year - YEARS_AGO, 3, 1)
    for page in r.of("CM"):
        if before(page.get("cm_start"), then):
            yield r.finding(page, "cm_start")


@check(
    "RNG-CM.cm_name-S",
    severity="S",
    reads="cm.cm_name dictionary",
    en="The drug is not in the dictionary: check how it is written.",
    zh="药物不在词典中，请核对名称。",
)
def drug_not_in_dictionary(r: Reading) -> Iterator[Finding]:
    """Ask about a name that the loaded dictionary of drugs does not hold."""
    named = [page for page in r.of("CM") if page.get("cm_name")]
    unknown = r.facts.drugs_not_found([page.get("cm_name") for page in named]) if named else frozenset()
    for page in named:
        if page.get("cm_name") in unknown:
            yield r.finding(page, "cm_name")
