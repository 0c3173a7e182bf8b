"""What makes an automatic deviation: each row of protocol §3.30, as functions of one subject's dossier.

Checks across pages that are deviations say so themselves (`Check.deviation`); here stand their words and
days, and the deviations that no single check states: criteria, the plan, visits, examinations, late reports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from protocol.codelists import AMPLVL
from protocol.eligibility import CRITERION
from protocol.partial_dates import PartialDate
from protocol.safety import State, clocks_of
from protocol.schedule import VISIT, window_dates
from protocol.words import Bilingual, T
from visits.checks import CHECKS, Finding, Reading
from visits.checks.dates import day_of
from visits.dossier import PageRecord

LONGEST = 500
GRACE = timedelta(days=14)
KEY_VISITS = ("M12", "M24")
# A duplex of the target vessel can no longer be made after an amputation at or above the knee (EC-106).
TOO_HIGH = ("TKA", "AKA", "HIP")


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that makes a deviation: the key that it has only once, and what the deviation says."""

    key: str
    category: str
    severity: str
    on: date | None
    words: Bilingual

    @property
    def source(self) -> str:
        """What found it: a check, or one of SOURCES."""
        return source_of(self.key)

    @property
    def text(self) -> str:
        """The description as it is stored, in both languages."""
        return f"{self.words.en} {self.words.zh}"[:LONGEST]


def source_of(key: str) -> str:
    """Return what found a cause, from its key."""
    return key.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Source:
    """A function that finds causes, and the forms that it reads."""

    name: str
    forms: frozenset[str]
    finds: Callable[[Reading], Iterable[Cause]]


SOURCES: dict[str, Source] = {}
Finds = Callable[[Reading], Iterable[Cause]]


def source(name: str, *, reads: str) -> Callable[[Finds], Finds]:
    """Register a function of a Reading that yields causes."""

    def register(finds: Finds) -> Finds:
        SOURCES[name] = Source(name, frozenset(reads.split()), finds)
        return finds

    return register


# Checks whose deviations are found here instead, together with what belongs to them.
ELSEWHERE = frozenset({"EC-037"})

WORDS: dict[str, Bilingual] = {
    "EC-005": T("Consent version not approved at the site on that date.", "知情同意书版本当日未获批准。"),
    "RNG-IC.consent_by-S": T(
        "Consent taken by a person to whom this was not delegated.", "由未被授权人员获取知情同意。"
    ),
    "EC-039": T("Study procedure before or without consent.", "手术早于知情同意或无知情同意。"),
    "EC-043": T("Scheduled visit outside its window.", "计划访视超出时间窗。"),
    "EC-073": T("Planned DCB, drug-eluting stent used as well.", "计划DCB组，补救使用了DES。"),
    "EC-074": T("Planned DES, drug-coated balloon used as well.", "计划DES组，使用了DCB。"),
    "EC-075": T("Study device without paclitaxel.", "研究器械非紫杉醇类。"),
    "EC-078": T("Expired device used.", "使用了过期器械。"),
    "EC-131": T("Procedure while the site was not active.", "手术日期不在中心启动期间。"),
}

Day = Callable[[Reading, Finding], date | None]


def _procedure(r: Reading, finding: Finding) -> date | None:
    return r.dossier.proc_date


def _consent(r: Reading, finding: Finding) -> date | None:
    taken = day_of(r.value("ic.consent_dt"))
    return taken if isinstance(taken, date) else None


def _visit(r: Reading, finding: Finding) -> date | None:
    seen: date | None = finding.page.get("fu_date")
    return seen


DAYS: dict[str, Day] = {"EC-005": _consent, "RNG-IC.consent_by-S": _consent, "EC-043": _visit}


def of_check(r: Reading, check_id: str, finding: Finding) -> Cause:
    """Return the deviation that a finding of a check makes."""
    deviation = CHECKS[check_id].deviation
    if deviation is None:
        raise ValueError(f"{check_id} makes no deviation")
    page = finding.page
    words = WORDS[check_id]
    where = page.visit or page.identity
    told = Bilingual(f"{where}: {words.en}", f"{where}:{words.zh}")
    about = f"/{finding.about}" if finding.about else ""
    key = f"{check_id}/{_place(page)}{about}"[:60]
    return Cause(key, *deviation, DAYS.get(check_id, _procedure)(r, finding), told)


def _place(page: PageRecord) -> str:
    """Return what tells a page from every other one of the subject, whichever values it holds."""
    at = f"@{page.visit}" if page.visit else ""
    return f"{page.form}{page.ordinal}{at}"


def is_treated(r: Reading) -> bool:
    """Say whether a study device was introduced (protocol §2)."""
    return bool(r.value("pr.study_dev_introduced") == "Y")


@source("CRITERION", reads="ie pr")
def criteria_unmet(r: Reading) -> Iterator[Cause]:
    """Yield the criteria that a treated subject did not meet; without any, a conclusion of not eligible."""
    page = r.one("IE")
    if page is None or not is_treated(r):
        return
    unmet = [name for name in CRITERION if page.get(name) == ("N" if name.startswith("inc") else "Y")]
    for name in unmet:
        criterion = CRITERION[name]
        words = Bilingual(
            f"Treated with criterion {criterion.number} not met: {criterion.text.en}",
            f"未满足标准{criterion.number}而接受治疗：{criterion.text.zh}",
        )
        yield Cause(f"CRITERION/{name}", "IE", "MAJ", r.dossier.proc_date, words)
    if not unmet and any(True for _ in CHECKS["EC-037"].finds(r)):
        words = T("Study device used in a subject judged not eligible.", "判定为不符合入组者使用了研究器械。")
        yield Cause("CRITERION/outcome", "IE", "MAJ", r.dossier.proc_date, words)


@source("PLAN", reads="pr")
def cohort_not_planned(r: Reading) -> Iterator[Cause]:
    """Yield a cohort plan recorded after the first study device, or none at all (EC-038, §2)."""
    planned, used = r.value("pr.planned_dt"), r.value("pr.study_dev_dt")
    if not is_treated(r):
        return
    if r.value("pr.planned_cohort") is None:
        words = T("Study device used without a recorded cohort plan.", "未记录分组计划即使用研究器械。")
        yield Cause("PLAN/none", "TRT", "MAJ", r.dossier.proc_date, words)
    elif planned is not None and used is not None and planned > used:
        words = T("Cohort recorded after the first study device.", "分组记录晚于首个研究器械使用。")
        yield Cause("PLAN/late", "TRT", "MAJ", r.dossier.proc_date, words)


@source("MISSED", reads="pr fu dth exit")
def key_visits_missed(r: Reading) -> Iterator[Cause]:
    """Yield M12 and M24 where they were marked as missed, or nothing is there 14 days after their window."""
    for code, closes in _owed(r):
        pages = [page for page in r.dossier.at(code, "FU") if not page.removed]
        said = any(page.not_done or page.get("contact_mode") == "MISS" for page in pages)
        if said or (not pages and r.today > closes + GRACE):
            label = VISIT[code].label
            words = Bilingual(
                f"{code}: visit missed ({label.en}; window closed {closes}).",
                f"{code}：访视缺失({label.zh}，时间窗截止{closes})。",
            )
            yield Cause(f"MISSED/{code}", "VIS", "MAJ", min(closes, r.today), words)


@source("DUPLEX", reads="pr fu dus amp dth exit lh")
def duplex_absent(r: Reading) -> Iterator[Cause]:
    """Yield the attended M12 and M24 visits without a site's duplex, once the window is closed."""
    for code, closes in _owed(r):
        attended = [page for page in r.of("FU", code) if page.get("contact_mode") not in (None, "MISS")]
        there = [page for page in r.of("DUS", code) if page.get("dus_reader") != "CORE"]
        given_up = any(page.not_done and not page.removed for page in r.dossier.at(code, "DUS"))
        if attended and not there and (given_up or r.today > closes) and not _amputated(r, closes):
            words = Bilingual(
                f"{code}: required duplex ultrasound absent.", f"{code}：缺少必做的双功超声检查。"
            )
            yield Cause(f"DUPLEX/{code}", "ASM", "MIN", attended[0].get("fu_date") or closes, words)


def _owed(r: Reading) -> Iterator[tuple[str, date]]:
    """Yield M12 and M24 with the last day of their window, for who was treated and had not left before."""
    proc_date = r.dossier.proc_date
    if proc_date is None or not is_treated(r):
        return
    left = [day for day in (r.value("dth.death_date"), r.value("exit.exit_date")) if day is not None]
    for code in KEY_VISITS:
        closes = window_dates(code, proc_date)[1]
        # A death in an unknown month may have come before: who may have died owes no visit.
        if not any(PartialDate.of(day).earliest < closes for day in left):
            yield code, closes


def _amputated(r: Reading, closes: date) -> bool:
    return any(
        page.get("amp_level") in TOO_HIGH
        and page.get("amp_side") == r.dossier.target_limb
        and (page.get("amp_date") is None or PartialDate.of(page.get("amp_date")).earliest <= closes)
        for page in r.of("AMP")
    )


assert set(TOO_HIGH) <= set(AMPLVL.codes)


@source("SAE24", reads="ae")
def reported_late(r: Reading) -> Iterator[Cause]:
    """Yield serious events that the sponsor was told of after 24 hours, or has not been told of by then."""
    for page in r.of("AE"):
        clock = clocks_of(page.values, now=r.now)[0]
        if clock.state in (State.LATE, State.OVERDUE) and clock.due is not None:
            told = clock.state is State.LATE
            words = Bilingual(
                f"{page.identity}: serious adverse event reported later than 24 h."
                if told
                else f"{page.identity}: serious adverse event not reported within 24 h.",
                f"{page.identity}:SAE上报超过24小时。"
                if told
                else f"{page.identity}:SAE获知后24小时内未上报。",
            )
            yield Cause(f"SAE24/{_place(page)}", "SAF", "MAJ", day_of(clock.due), words)  # type: ignore[arg-type]
