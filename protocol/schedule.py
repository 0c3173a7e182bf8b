"""Visits, their windows, and which forms are owed at each (protocol §2)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import cache

from protocol.version import FIRST, in_force
from protocol.words import Bilingual, T


@dataclass(frozen=True, slots=True)
class Moved:
    """A visit's target day and window as an amendment has moved them."""

    since: str
    target_day: int
    lo: int
    hi: int


@dataclass(frozen=True, slots=True)
class VisitDefinition:
    """A visit: its target day and window in days after the index procedure (day 0).

    `moved` are the windows of later versions, in their order; `at` gives the one that a version states.
    """

    code: str
    label: Bilingual
    target_day: int | None = None
    lo: int | None = None
    hi: int | None = None
    moved: tuple[Moved, ...] = ()

    def at(self, version: str) -> "VisitDefinition":
        """Return the visit with the window of a version of the protocol."""
        moves = [move for move in self.moved if in_force(version, move.since, None)]
        if not moves:
            return self
        last = moves[-1]
        return replace(self, target_day=last.target_day, lo=last.lo, hi=last.hi)


VISITS: tuple[VisitDefinition, ...] = (
    VisitDefinition("SCR", T("Screening / baseline", "筛选/基线"), -1, -30, 0),
    VisitDefinition("PROC", T("Index procedure", "研究手术"), 0, 0, 0),
    VisitDefinition("POST", T("Post-procedure", "术后"), 1, 0, 3),
    VisitDefinition("DISCH", T("Discharge", "出院"), None, 0, 60),
    VisitDefinition("M1", T("1 month", "术后1个月"), 30, 23, 44),
    VisitDefinition("M3", T("3 months", "术后3个月"), 90, 76, 104),
    VisitDefinition("M6", T("6 months", "术后6个月"), 180, 150, 210),
    VisitDefinition("M12", T("12 months", "术后12个月"), 365, 335, 395),
    VisitDefinition("M24", T("24 months", "术后24个月"), 730, 700, 790),
    VisitDefinition("UNS", T("Unscheduled", "计划外访视")),
    VisitDefinition("EOS", T("End of study", "研究结束")),
)
VISIT: dict[str, VisitDefinition] = {visit.code: visit for visit in VISITS}
SCHEDULED_FU = ("M1", "M3", "M6", "M12", "M24")

LOGS = ("CM", "REV", "AMP", "AE", "DD", "DV", "DTH", "CEC")
"""Forms that belong to the subject, not to a visit; a death has one page, the others any number."""

# The angiographic part of IE is completed at PROC, on the page that was opened at SCR.
EXPECTED: dict[str, dict[str, str]] = {
    "SCR": {
        "IC": "R",
        "DM": "R",
        "IE": "R",
        "MH": "R",
        "LH": "R",
        "PS": "R",
        "BCS": "R",
        "ABI": "R",
        "LB": "R",
        "DUS": "C",
    },
    "PROC": {"LES": "R", "PR": "R", "PRL": "R", "DCB": "C", "BMS": "C", "DES": "C"},
    "POST": {"PP": "R", "ABI": "R", "LB": "R", "DUS": "C"},
    "DISCH": {"DISC": "R"},
    "M1": {"FU": "R", "ABI": "R", "DUS": "R", "LB": "R", "IMG": "C", "ICRE": "C"},
    "M3": {"FU": "R", "ABI": "R", "DUS": "R", "IMG": "C", "ICRE": "C"},
    "M6": {"FU": "R", "ABI": "R", "DUS": "R", "XR": "C", "IMG": "C", "ICRE": "C"},
    "M12": {"FU": "R", "ABI": "R", "DUS": "R", "LB": "C", "XR": "C", "IMG": "C", "ICRE": "C"},
    "M24": {"FU": "R", "ABI": "R", "DUS": "R", "LB": "C", "XR": "C", "IMG": "C", "ICRE": "C"},
    "UNS": {"FU": "R", "ABI": "C", "DUS": "C", "LB": "C", "XR": "C", "IMG": "C", "ICRE": "C"},
    "EOS": {"EXIT": "R"},
}
REQUIRED_IF_STENTED = {("M12", "XR"), ("M24", "XR")}
UNTREATED = {"SCR": {"IC": "R", "DM": "R", "IE": "R"}, "EOS": {"EXIT": "R"}}


@cache
def visit_at(code: str, version: str) -> VisitDefinition:
    """Return a visit with the window of a version; a study asks for it thousands of times."""
    return VISIT[code].at(version)


def window_dates(code: str, proc_date: date, version: str = FIRST) -> tuple[date, date]:
    """Return the first and last day of a visit's window in a version of the protocol.

    ValueError for a visit without a window.
    """
    visit = visit_at(code, version)
    if visit.lo is None or visit.hi is None:
        raise ValueError(f"visit {code} has no window")
    return proc_date + timedelta(days=visit.lo), proc_date + timedelta(days=visit.hi)


class InWindow(StrEnum):
    """Where a visit's day lies: in its window, outside of it, or the visit has no window to lie in."""

    IN = "IN"
    OUT = "OUT"
    NOT_APPLICABLE = "NA"

    @property
    def label(self) -> Bilingual:
        """The answer in words."""
        return _IN_WINDOW[self]


_IN_WINDOW = {
    InWindow.IN: T("in the window", "窗内"),
    InWindow.OUT: T("outside the window", "窗外"),
    InWindow.NOT_APPLICABLE: T("no window", "无时间窗"),
}


def in_window(code: str, proc_date: date | None, on: date | None, version: str = FIRST) -> InWindow:
    """Say whether a visit took place in its window; a visit without one, or without days, is neither."""
    visit = VISIT[code].at(version)
    if proc_date is None or on is None or visit.lo is None or visit.hi is None:
        return InWindow.NOT_APPLICABLE
    return InWindow.IN if visit.lo <= (on - proc_date).days <= visit.hi else InWindow.OUT


def expected_forms(
    *,
    treated: bool,
    stented: bool = False,
    proc_date: date | None = None,
    ended: date | None = None,
    version: str = FIRST,
) -> Mapping[str, Mapping[str, str]]:
    """Return which forms a subject owes: visit -> form -> "R" required or "C" conditional.

    `treated`: a study device was introduced; `stented`: one was a stent; `ended`: the first of death,
    withdrawal and exit. A visit whose window was still open then is not owed. Unscheduled visits are
    owed nothing until they happen, so they are left out.
    """
    if not treated:
        return UNTREATED
    owed: dict[str, dict[str, str]] = {}
    for code, forms in EXPECTED.items():
        if code == "UNS" or (
            code in ("POST", *SCHEDULED_FU) and _ended_before_close(code, proc_date, ended, version)
        ):
            continue
        owed[code] = {
            form: "R" if stented and (code, form) in REQUIRED_IF_STENTED else need
            for form, need in forms.items()
        }
    return owed


def _ended_before_close(code: str, proc_date: date | None, ended: date | None, version: str) -> bool:
    if proc_date is None or ended is None:
        return False
    return ended < window_dates(code, proc_date, version)[1]
