"""ADSL: one row per subject (protocol §7.3); frames in, DataFrame out.

Screen failures are there too, with empty treatment and disposition columns; PS and IPTW belong to the
analysis snapshot. Dates are datetime64, durations days, flags Y/N.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from outcomes.adsl_baseline import baseline, treatment
from outcomes.adsl_dapt import dapt_days
from outcomes.adsl_procedure import lesions
from outcomes.assembly import Frames, subjects_of
from outcomes.columns import ZONE
from outcomes.follow_up import course
from outcomes.judged import judge
from outcomes.tables import Pages, kept, nothing
from outcomes.time_to_event import Course
from protocol.thresholds import Thresholds

STUDYID = "NCT07277218"
AGE_GROUPS = (("<65", -1, 64), ("65-74", 65, 74), (">=75", 75, 200))
MAJOR_CATEGORIES = ("IE", "IC", "TRT")
REASONS = {
    "COMP": "COMPLETED",
    "DTH": "DEATH",
    "WD": "WITHDRAWAL BY SUBJECT",
    "LTFU": "LOST TO FOLLOW-UP",
    "PI": "PHYSICIAN DECISION",
    "SPON": "STUDY TERMINATED BY SPONSOR",
    "SF": "SCREEN FAILURE",
}


def adsl(
    frames: Frames, config: Mapping[str, Any] | None = None, cut_off: date | None = None
) -> pd.DataFrame:
    """Return ADSL as of a data cut-off, sorted by USUBJID; `config` is the study's (thresholds, sites)."""
    limits = Thresholds.from_config(config or {})
    pages = Pages(frames)
    table = pd.DataFrame(index=pages.subjects)
    table["STUDYID"] = STUDYID
    table["USUBJID"] = pages.subjects
    table["SUBJID"] = [name.split("-")[2] if name.count("-") == 3 else name for name in pages.subjects]
    table["SITEID"] = pages.sites
    table["SITECITY"] = table["SITEID"].map((config or {}).get("cities", {})).astype(object)
    treated = pages.value("PR", "study_dev_introduced").eq("Y")
    for part in (
        treatment(pages, treated),
        _flags(pages, treated),
        _dates(pages, treated),
        _demographics(pages),
        baseline(pages, treated),
        lesions(pages),
        _disposition(pages, frames, treated, limits, cut_off),
    ):
        table = table.join(part)
    table["DAPTDUR"] = dapt_days(pages, table["LSTALVDT"])
    table["ATFL"] = _flag(table["ENRLFL"].eq("Y") & table["TRT01AN"].isin([1, 2]))
    table["CUTOFFDT"] = pd.Timestamp(cut_off) if cut_off is not None else pd.NaT
    table["DATALOCK"] = None
    return table.reset_index(drop=True)


def _flag(condition: pd.Series) -> pd.Series:
    return pd.Series(np.where(condition, "Y", "N"), index=condition.index, dtype=object)


def _flags(pages: Pages, treated: pd.Series) -> pd.DataFrame:
    ended = pages.has("EXIT") | pages.has("DTH")
    failed = (
        pages.value("IE", "elig_outcome").eq("SF") | pages.value("IC", "consent_obtained").eq("N") | ended
    )
    deviations = pages.frame("DV")
    major: set[str] = set()
    if len(deviations):
        grave = deviations["dv_severity"].eq("MAJ") & deviations["dv_cat"].isin(MAJOR_CATEGORIES)
        major = set(deviations.loc[grave, "subject"])
    without = ~pages.subjects.isin(major)
    return pd.DataFrame(
        {
            "SCRFFL": _flag(~treated & failed),
            "ENRLFL": _flag(treated),
            "FASFL": _flag(treated),
            "SAFFL": _flag(treated),
            "PPROTFL": _flag(treated & without),
        }
    )


def _dates(pages: Pages, treated: pd.Series) -> pd.DataFrame:
    consented = pd.to_datetime(pages.value("IC", "consent_dt"), utc=True)
    return pd.DataFrame(
        {
            "TRTSDT": pd.to_datetime(pages.value("PR", "proc_date").where(treated)),
            "RFICDT": consented.dt.tz_convert(ZONE).dt.tz_localize(None).dt.normalize(),
        }
    )


def _demographics(pages: Pages) -> pd.DataFrame:
    age = pages.number("DM", "age")
    group = nothing(pages.subjects)
    for name, lo, hi in AGE_GROUPS:
        group[age.between(lo, hi)] = name
    metres = pages.number("DM", "height_cm") / 100
    return pd.DataFrame(
        {
            "AGE": age,
            "AGEGR1": group,
            "SEX": pages.value("DM", "sex"),
            "BMIBL": (pages.number("DM", "weight_kg") / metres**2).round(1),
        }
    )


def _disposition(
    pages: Pages, frames: Frames, treated: pd.Series, limits: Thresholds, cut_off: date | None
) -> pd.DataFrame:
    reason = pages.value("EXIT", "exit_reason")
    left = pd.to_datetime(pages.value("EXIT", "exit_date"))
    if cut_off is not None:
        reason = kept(reason, ~(left > pd.Timestamp(cut_off)))
        left = left.where(left <= pd.Timestamp(cut_off))
    courses: dict[str, tuple[int, Course]] = {}
    for subject in subjects_of(frames, cut_off=cut_off, limits=limits):
        courses[subject.usubjid] = (subject.proc, course(subject, judge(subject, limits)))
    status = np.select([reason.eq("COMP"), reason.notna()], ["COMPLETED", "DISCONTINUED"], "ONGOING")
    died = {name: found.death for name, (_, found) in courses.items() if found.death is not None}
    return pd.DataFrame(
        {
            "DTHFL": _flag(pd.Series(pages.subjects.isin(list(died)), index=pages.subjects)),
            "DTHDT": _day(pages, {name: courses[name][0] + death.day for name, death in died.items()}),
            "DTHCAT": _death_category(pages),
            "EOSSTT": pd.Series(status, index=pages.subjects, dtype=object),
            "EOSDT": left,
            "DCSREAS": kept(reason, ~reason.eq("COMP")).map(REASONS).astype(object),
            "LSTALVDT": _day(
                pages, {name: proc + found.known_vital.day for name, (proc, found) in courses.items()}
            ),
            "LSTLMBDT": _day(
                pages, {name: proc + found.known_limb.day for name, (proc, found) in courses.items()}
            ),
        }
    )


def _day(pages: Pages, days: Mapping[str, int]) -> pd.Series:
    numbers = pd.Series(days, dtype="float64").reindex(pages.subjects)
    return pd.to_datetime(numbers, unit="D")


def _death_category(pages: Pages) -> pd.Series:
    category = pages.value("DTH", "death_cat")
    decisions = pages.frame("CEC")
    if len(decisions):
        final = decisions[decisions["cec_type"].eq("DTH") & decisions["cec_status"].eq("FIN")]
        judged = (
            final.dropna(subset=["cec_death_cat"])
            .drop_duplicates("subject")
            .set_index("subject")["cec_death_cat"]
        )
        category = judged.reindex(pages.subjects).combine_first(category)
    return category
