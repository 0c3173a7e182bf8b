"""Checks of the ankle-brachial index of the target limb over time (protocol §3.10, §4, EC-059 to EC-061)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from visits.checks.check import Finding, check
from visits.checks.dates import may_be_within
from visits.checks.reading import Reading
from visits.dossier import PageRecord

PRESSURES = "abi lh.target_limb"


@check(
    "EC-059",
    severity="S",
    reads=f"{PRESSURES} rev.rev_date pr.proc_date",
    en="ABI changed by > 0.40 without intervention.",
    zh="ABI变化>0.40但无干预。",
)
def changed_without_intervention(r: Reading) -> Iterator[Finding]:
    """Ask about an ABI more than 0.40 from the one before, where no intervention can lie between.

    The index procedure is an intervention too: the first ABI after it is not compared with the baseline's.
    """
    measured = by_date(r)
    for earlier, page in pairwise(measured):
        change = (target_abi(r, page) or Decimal(0)) - (target_abi(r, earlier) or Decimal(0))
        if abs(change) > Decimal("0.40") and not _treated_between(r, earlier, page):
            yield r.finding(
                page, _item(r, page), "abi_date", also=[(earlier, _item(r, earlier)), (earlier, "abi_date")]
            )


@check(
    "EC-060",
    severity="S",
    reads=f"{PRESSURES} bcs.rutherford_target",
    en="Normal baseline ABI in a symptomatic limb.",
    zh="有症状肢体基线ABI正常，请核实。",
)
def normal_though_symptomatic(r: Reading) -> Iterator[Finding]:
    """Ask about a compressible baseline ABI above 0.90 of a limb in category 2 or higher."""
    page, category = r.one("ABI", "SCR"), r.value("bcs.rutherford_target")
    value = target_abi(r, page)
    if page is None or value is None or category is None or int(category) < 2:
        return
    compressible = f"incompressible_{_side(r)}"
    if value > Decimal("0.90") and page.get(compressible) == "N":
        yield r.finding(page, _item(r, page), compressible, also=["bcs.rutherford_target"])


@check(
    "EC-061",
    severity="S",
    reads=f"{PRESSURES} pr prl les bms des",
    en="ABI fell after a technically successful procedure.",
    zh="技术成功但术后ABI下降。",
)
def fell_though_successful(r: Reading) -> Iterator[Finding]:
    """Ask about an ABI more than 0.10 below the baseline's after a technically successful procedure."""
    baseline, page = r.one("ABI", "SCR"), r.one("ABI", "POST")
    before, now = target_abi(r, baseline), target_abi(r, page)
    if page is None or before is None or now is None:
        return
    if now < before - Decimal("0.10") and r.value("pr.technical_success") == "Y":
        baselines = _item(r, baseline)
        yield r.finding(page, _item(r, page), also=[(baseline, baselines), "pr.technical_success"])


def target_abi(r: Reading, page: PageRecord | None) -> Decimal | None:
    """Return the analysed ABI of the target limb: calculated where its inputs are there, else reported."""
    side = _side(r)
    if page is None or not side:
        return None
    calculated: Decimal | None = r.item(page, f"abi_calc_{side}")
    return page.get(f"abi_{side}") if calculated is None else calculated


def by_date(r: Reading) -> list[PageRecord]:
    """Return the pages with an ABI of the target limb, by date."""
    pages = [page for page in r.of("ABI") if page.get("abi_date") and target_abi(r, page) is not None]
    return sorted(pages, key=lambda page: (page.get("abi_date"), page.visit or ""))


def _side(r: Reading) -> str:
    return (r.dossier.target_limb or "").lower()


def _item(r: Reading, page: PageRecord | None) -> str:
    """Return the item that holds the analysed ABI of the target limb."""
    side = _side(r)
    calculated = page is not None and r.item(page, f"abi_calc_{side}") is not None
    return f"abi_calc_{side}" if calculated else f"abi_{side}"


def _treated_between(r: Reading, earlier: PageRecord, page: PageRecord) -> bool:
    start, end = earlier.get("abi_date"), page.get("abi_date")
    span = (end - start).days
    index = r.dossier.proc_date is not None and start <= r.dossier.proc_date <= end
    index = index and earlier.visit == "SCR"
    undated = any(rev.get("rev_date") is None for rev in r.of("REV"))
    return index or undated or any(may_be_within(start, rev.get("rev_date"), 1, span) for rev in r.of("REV"))
