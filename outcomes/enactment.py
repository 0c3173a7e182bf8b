"""The one translation of a timeline into page values: what a site would have entered for that course.

Both the rolled-back verification (through save_pages) and the tests (straight into frames) use it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from outcomes import enactment_events as events
from outcomes.enactment_events import LIMB, Enacted
from outcomes.timelines import DISCHARGE_DAY, Timeline
from protocol.schedule import SCHEDULED_FU, VISIT

PROC_DATE = date(2023, 3, 1)
ZONE = ZoneInfo("Asia/Shanghai")
INCOMPRESSIBLE = 140


@dataclass(slots=True)
class Calendar:
    """Which visit a day belongs to: the scheduled one whose window holds it, once, else an extra one."""

    proc: date
    visits: dict[int, str] = field(default_factory=dict)

    def on(self, day: int) -> date:
        """Return the date of a day."""
        return self.proc + timedelta(days=day)

    def at(self, day: int, *, hour: int = 8) -> datetime:
        """Return a time on a day."""
        return datetime.combine(self.on(day), time(hour), ZONE)

    def visit(self, day: int) -> str:
        """Return the visit at which something on this day is recorded."""
        if day not in self.visits:
            self.visits[day] = self._free(day)
        return self.visits[day]

    def _free(self, day: int) -> str:
        taken = set(self.visits.values())
        for code in ("POST", *SCHEDULED_FU):
            lo, hi = VISIT[code].lo, VISIT[code].hi
            if lo is not None and hi is not None and lo <= day <= hi and code not in taken:
                return code
        return f"UNS{1 + sum(visit.startswith('UNS') for visit in taken)}"


def consent(timeline: Timeline, proc: date = PROC_DATE) -> Enacted:
    """Return the consent page, which makes the subject."""
    when = Calendar(proc)
    return Enacted(
        "IC",
        "SCR",
        {
            "screening_date": when.on(-3),
            "consent_obtained": "Y",
            "consent_dt": when.at(-3),
            "consent_version": "1.0",
            "consent_privacy": "Y",
            "prior_participation": "N",
        },
    )


def pages(timeline: Timeline, proc: date = PROC_DATE) -> list[Enacted]:
    """Return the other pages in the order in which a site would enter them; committee decisions come last."""
    when = Calendar(proc)
    entered = [*_baseline(timeline, when), *_procedure(timeline, when)]
    entered += _pressures(timeline, when)
    entered += _contacts(timeline, when)
    entered += _imaging(timeline, when)
    entered += events.logged(timeline, when.on, when.at, when.visit)
    return entered


def cut_off(timeline: Timeline, proc: date = PROC_DATE) -> date | None:
    """Return the data cut-off, None where the timeline has none."""
    return next((proc + timedelta(days=token.day) for token in timeline.of("DCO")), None)


def _baseline(timeline: Timeline, when: Calendar) -> list[Enacted]:
    found = [Enacted("LH", "SCR", {"target_limb": LIMB, "bilateral_isr": "N"})]
    if "RU" in timeline.baseline:
        found.append(
            Enacted(
                "BCS", "SCR", {"bcs_date": when.on(-1), "rutherford_target": str(timeline.baseline["RU"])}
            )
        )
    found.append(
        Enacted(
            "LB",
            "SCR",
            {
                "lb_dt": when.at(-1),
                "lb_test": "CREAT",
                "lb_value": Decimal(timeline.baseline["BCR"]),
                "lb_unit": "umol/L",
            },
        )
    )
    measured = _pressure(timeline.baseline.get("ABI"), timeline.baseline.get("TBI"))
    if measured:
        found.append(Enacted("ABI", "SCR", {"abi_date": when.on(-1), **measured}))
    return found


def _pressure(abi: int | None, tbi: int | None) -> Mapping[str, Any]:
    values: dict[str, Any] = {}
    if abi is not None:
        values["abi_l"] = Decimal(abi) / 100
        values["incompressible_l"] = "Y" if abi > INCOMPRESSIBLE else "N"
    if tbi is not None:
        values["tbi_l"] = Decimal(tbi) / 100
    return values


def _procedure(timeline: Timeline, when: Calendar) -> list[Enacted]:
    staged = any(token.get("plan") == "1" for token in timeline.of("R"))
    plan: dict[str, Any] = {"staged_planned": "Y" if staged else "N"}
    if staged:
        plan["staged_target"] = "Y"
    found = [
        Enacted(
            "LES",
            "PROC",
            {
                "lesion_no": lesion,
                "les_reader": "SITE",
                "les_date": when.on(0),
                "is_target": "Y",
                "les_limb": LIMB,
                "stenosis_pct": 80,
                "occlusion": "N",
                "lesion_length_mm": 120,
            },
        )
        for lesion in timeline.lesions
    ]
    found.append(
        Enacted(
            "PR",
            "PROC",
            {"planned_cohort": "DES", "proc_date": when.on(0), "study_dev_introduced": "Y", **plan},
        )
    )
    for lesion in timeline.lesions:
        residual = timeline.baseline["RES"] if lesion == "L1" else 20
        found.append(
            Enacted(
                "PRL",
                "PROC",
                {
                    "prl_lesion": lesion,
                    "crossing": "INT",
                    "predil_done": "Y",
                    "final_resid_pct": residual,
                    "prl_reader": "SITE",
                },
            )
        )
    found.append(Enacted("DES", "PROC", {"des_lesion": "L1", "des_role": "PLAN", "des_outcome": "OK"}))
    return found


def _pressures(timeline: Timeline, when: Calendar) -> list[Enacted]:
    measured: dict[int, dict[str, Any]] = {}
    for token in timeline.of("ABI"):
        measured.setdefault(token.day, {}).update(_pressure(int(token.get("")), None))
    for token in timeline.of("TBI"):
        measured.setdefault(token.day, {}).update(_pressure(None, int(token.get(""))))
    for token in timeline.of("R"):
        if token.get("abi"):
            reference = int(token.get("abi").partition(">")[0])
            day = max(0, min(1, token.day - 1))
            measured.setdefault(day, {}).update(_pressure(reference, None))
    return [
        Enacted("ABI", when.visit(day), {"abi_date": when.on(day), **values})
        for day, values in sorted(measured.items())
    ]


def _contacts(timeline: Timeline, when: Calendar) -> list[Enacted]:
    found = [_discharge(timeline, when)]
    categories = {token.day: token.get("") for token in timeline.of("RU")}
    since = -1
    for day in sorted({token.day for token in timeline.of("V")} | set(categories)):
        values: dict[str, Any] = {
            "fu_date": when.on(day),
            "contact_mode": "CLIN",
            "vital_status": "A",
            "tlr_status_known": "Y",
            "new_revasc": _happened(timeline, since, day, "R"),
            "new_amputation": _happened(timeline, since, day, "AM"),
            "new_ae": _happened(timeline, since, day, "MI", "BL", "ORG", "ALI"),
        }
        if day in categories:
            values["fu_rutherford"] = categories[day]
        found.append(Enacted("FU", when.visit(day), values))
        since = day
    return found


def _happened(timeline: Timeline, since: int, until: int, *kinds: str) -> str:
    return "Y" if any(since < token.day <= until for token in timeline.of(*kinds)) else "N"


def _discharge(timeline: Timeline, when: Calendar) -> Enacted:
    """Return the discharge, on day 2 unless given; who dies before it leaves on the day of death."""
    day = next((token.day for token in timeline.of("DIS")), DISCHARGE_DAY)
    died = next((token.day for token in timeline.of("X")), None)
    if died is not None and died <= day:
        return Enacted("DISC", "DISCH", {"disc_date": when.on(died), "disc_vital": "D"})
    return Enacted("DISC", "DISCH", {"disc_date": when.on(day), "disc_vital": "A"})


def _imaging(timeline: Timeline, when: Calendar) -> list[Enacted]:
    found = []
    for token in timeline.of("D"):
        values: dict[str, Any] = {
            "dus_date": when.on(token.day),
            "dus_lesion": token.lesion,
            "dus_reader": "SITE",
            "dus_adequate": "N" if token.get("") == "nd" else "Y",
        }
        if token.get("") == "occ":
            values["dus_occlusion"] = "Y"
        elif token.get("") != "nd":
            values.update(dus_occlusion="N", psvr=Decimal(token.get("")))
        found.append(Enacted("DUS", when.visit(token.day), values))
    for token in timeline.of("G"):
        values = {
            "img_date": when.on(token.day),
            "img_mode": "DSA",
            "img_lesion": token.lesion,
            "img_reader": "SITE",
            "img_diagnostic": "N" if token.get("") == "nd" else "Y",
        }
        if token.get("") != "nd":
            values["img_sten_pct"] = int(token.get(""))
        found.append(Enacted("IMG", when.visit(token.day), values))
    for token in timeline.of("XR"):
        fracture = "9" if token.get("") == "ne" else token.get("")
        found.append(
            Enacted(
                "XR",
                when.visit(token.day),
                {
                    "xr_date": when.on(token.day),
                    "xr_stent": "DES1",
                    "xr_reader": "SITE",
                    "xr_fracture": fracture,
                },
            )
        )
    for token in timeline.of("CR"):
        found.append(
            Enacted(
                "LB",
                when.visit(token.day),
                {
                    "lb_dt": when.at(token.day, hour=9),
                    "lb_test": "CREAT",
                    "lb_value": Decimal(token.get("")),
                    "lb_unit": "umol/L",
                },
            )
        )
    return found
