"""Checks of duplex, X-ray and angiography readings: against each other, the lesion, and the interventions."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from visits.checks.check import Finding, check
from visits.checks.dates import may_be_within
from visits.checks.follow_up import before_procedure, outside_window
from visits.checks.lesion import is_no_target, reading_of
from visits.checks.reading import Reading
from visits.crfs.across import abi_of_side
from visits.dossier import PageRecord

RISE = Decimal("0.15")
ANEURYSM = Decimal("1.5")
DUS_STATUS = "dus.dus_status dus.dus_date dus.dus_lesion dus.dus_reader"


def duplexes(r: Reading) -> list[PageRecord]:
    """Return the site's own duplex readings that are dated, the earliest first."""
    found = [page for page in r.of("DUS") if page.get("dus_reader") != "CORE" and page.get("dus_date")]
    return sorted(found, key=lambda page: page.get("dus_date"))


def treated_between(r: Reading, lesion: str, earlier: PageRecord, later: PageRecord) -> bool:
    """Say whether the lesion was, or may have been, treated again after one duplex and up to another."""
    since, until = earlier.get("dus_date"), later.get("dus_date")
    days = (until - since).days
    return any(
        page.get("rev_date") is None or may_be_within(since, page.get("rev_date"), 1, days)
        for page in r.of("REV")
        if page.get("rev_tl_lesion") == lesion
    )


def _recovered(r: Reading, status: str) -> Iterator[Finding]:
    """Yield the patent duplexes of a lesion that had this status earlier and was not treated between."""
    pages = duplexes(r)
    for later in pages:
        lesion = later.get("dus_lesion")
        if lesion is None or r.item(later, "dus_status") != "PAT":
            continue
        unexplained = [
            earlier
            for earlier in pages
            if earlier.get("dus_lesion") == lesion
            and earlier.get("dus_date") < later.get("dus_date")
            and r.item(earlier, "dus_status") == status
            and not treated_between(r, lesion, earlier, later)
        ]
        if unexplained:
            yield r.finding(
                later, "dus_status", "dus_date", also=[(page, "dus_status") for page in unexplained]
            )


@check(
    "EC-090",
    severity="S",
    reads=f"{DUS_STATUS} rev.rev_date rev.rev_tl_lesion",
    en="Occluded lesion patent again without intervention.",
    zh="既往闭塞后未干预而恢复通畅，请核实。",
)
def open_again(r: Reading) -> Iterator[Finding]:
    """Ask where an occluded lesion is patent later and was not treated between."""
    return _recovered(r, "OCC")


@check(
    "EC-091",
    severity="S",
    reads=f"{DUS_STATUS} rev.rev_date rev.rev_tl_lesion",
    en="Restenosis disappeared without intervention: confirm both readings.",
    zh="再狭窄未干预而消失，请核实两次判读。",
)
def restenosis_gone(r: Reading) -> Iterator[Finding]:
    """Ask where a restenosis is patent later and was not treated between."""
    return _recovered(r, "REST")


@check(
    "EC-092",
    severity="S",
    reads=f"{DUS_STATUS} abi lh.target_limb",
    en="Restenosis with rising ABI: confirm.",
    zh="再狭窄但ABI升高，请核实。",
)
def restenosis_with_rising_pressure(r: Reading) -> Iterator[Finding]:
    """Ask where the ABI of the target limb rose on the day of a restenosis or occlusion."""
    measured = _pressures(r)
    for page in duplexes(r):
        if r.item(page, "dus_status") not in ("REST", "OCC"):
            continue
        for (earlier, before), (there, now) in pairwise(measured):
            same_day = there.get("abi_date") == page.get("dus_date")
            if same_day and earlier.get("abi_date") < there.get("abi_date") and now - before > RISE:
                side = r.value("lh.target_limb").lower()
                read = [(earlier, f"abi_{side}"), (there, f"abi_{side}")]
                yield r.finding(page, "dus_status", "dus_date", also=read, abi_before=before, abi_now=now)


def _pressures(r: Reading) -> list[tuple[PageRecord, Decimal]]:
    """Return the dated ABI of the target limb, the earliest first; calculated where its inputs are there."""
    side = (r.value("lh.target_limb") or "").lower()
    found = []
    for page in r.of("ABI"):
        calculated = abi_of_side(page.values, side) if side else None
        value = page.get(f"abi_{side}") if calculated is None else calculated
        if value is not None and page.get("abi_date") is not None:
            found.append((page, value))
    return sorted(found, key=lambda one: one[0].get("abi_date"))


@check(
    "EC-093",
    severity="S",
    reads=DUS_STATUS,
    to="data_manager",
    en="Site and core-lab readings differ: core lab governs.",
    zh="中心与核心实验室判读不一致，以核心实验室为准。",
)
def readers_differ(r: Reading) -> Iterator[Finding]:
    """Tell the data manager where both readers saw one exam of a lesion differently."""
    pages = [page for page in r.of("DUS") if r.item(page, "dus_status") is not None]
    for site in pages:
        for core in pages:
            if (site.get("dus_reader"), core.get("dus_reader")) != ("SITE", "CORE"):
                continue
            if _exam(site) == _exam(core) and r.item(site, "dus_status") != r.item(core, "dus_status"):
                yield r.finding(site, "dus_status", also=[(core, "dus_status")])


def _exam(page: PageRecord) -> tuple:
    """Return what one duplex of one lesion is known by: the visit, the day, the lesion."""
    return page.visit, page.get("dus_date"), page.get("dus_lesion")


@check(
    "RNG-DUS.dus_reader-H",
    severity="H",
    reads="dus.dus_reader dus.dus_date dus.dus_lesion",
    en="This reader has already read this lesion on this exam.",
    zh="该判读方已判读此次检查的该病变。",
)
def read_twice(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to a second record of one exam, lesion and reader."""
    first: dict[tuple, PageRecord] = {}
    for page in r.of("DUS"):
        key = (*_exam(page), page.get("dus_reader"))
        if page.get("dus_date") is None or page.get("dus_reader") is None:
            continue
        if key in first:
            yield r.finding(page, "dus_reader", also=[(first[key], "dus_reader")])
        first.setdefault(key, page)


@check(
    "RNG-DUS.dus_date-H",
    severity="H",
    reads="dus.dus_date pr.proc_date",
    en="Exam before the index procedure.",
    zh="检查日期早于研究手术。",
)
def duplex_before_procedure(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to a duplex before the procedure, but for the one of screening."""
    return (found for found in before_procedure(r, "DUS", "dus_date") if found.page.visit_code != "SCR")


@check(
    "RNG-DUS.dus_date-S",
    severity="S",
    reads="dus.dus_date pr.proc_date",
    en="Exam outside the window of the visit.",
    zh="检查日期超出访视时间窗。",
)
def duplex_outside_window(r: Reading) -> Iterator[Finding]:
    """Ask about a duplex outside the window of its visit; one before the procedure is asked about above."""
    return outside(r, "DUS", "dus_date")


def outside(r: Reading, form: str, item: str) -> Iterator[Finding]:
    """Yield the pages outside their window; those before the procedure are asked about elsewhere."""
    early = set() if form == "IMG" else {found.page.id for found in before_procedure(r, form, item)}
    for page in r.of(form):
        told = page.id in early and page.visit_code != "SCR"
        if not told and outside_window(r, page, page.get(item)):
            yield r.finding(page, item, also=["pr.proc_date"])


@check(
    "RNG-DUS.dus_lesion-H",
    severity="H",
    reads="dus.dus_lesion les.is_target les.lesion_no les.les_reader",
    en="Choose a target lesion.",
    zh="请选择靶病变。",
)
def duplex_of_no_target(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to a duplex of a lesion that is no target lesion."""
    return of_no_target(r, "DUS", "dus_lesion")


def of_no_target(r: Reading, form: str, item: str) -> Iterator[Finding]:
    """Yield the pages whose lesion is certainly no target lesion."""
    for page in r.of(form):
        if is_no_target(r, page.get(item)):
            yield r.finding(page, item, also=[(reading_of(r, page.get(item)), "is_target")])


@check(
    "RNG-DUS.aneurysm_mm-S",
    severity="S",
    reads="dus.aneurysm_mm dus.dus_lesion les.rvd_mm les.lesion_no les.les_reader",
    en="Wider than 1.5 times the reference vessel.",
    zh="直径超过参考血管直径的1.5倍。",
)
def aneurysm(r: Reading) -> Iterator[Finding]:
    """Ask about a diameter above one and a half times that of the reference vessel."""
    for page in r.of("DUS"):
        lesion = reading_of(r, page.get("dus_lesion"))
        diameter, vessel = page.get("aneurysm_mm"), lesion.get("rvd_mm") if lesion else None
        if diameter is not None and vessel is not None and diameter > ANEURYSM * vessel:
            yield r.finding(page, "aneurysm_mm", also=[(lesion, "rvd_mm")])
