"""The baseline part of ADSL: cohort and as-treated class, risk factors, target limb, lesions, procedure."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from outcomes.adsl_procedure import got
from outcomes.tables import Pages, kept
from protocol import clinical
from protocol.partial_dates import PartialDate

COHORT_NUMBER = {"DCB": 1, "DES": 2, "MIXED": 3, "NONE": 9}
HISTORY = {
    "HTNFL": "hypertension",
    "DYSLFL": "dyslipidaemia",
    "CADFL": "cad",
    "CVAFL": "prior_cva",
    "CKDFL": "ckd",
    "DIALFL": "dialysis",
}
MONTH = 30.4375


def treatment(pages: Pages, treated: pd.Series) -> pd.DataFrame:
    """Return planned and as-treated cohort; as treated counts devices that were delivered (OK or PART)."""
    planned = pages.value("PR", "planned_cohort")
    balloon, stent = got(pages, "DCB"), got(pages, "DES")
    delivered = np.select([balloon & stent, balloon, stent], ["MIXED", "DCB", "DES"], default="NONE")
    as_treated = kept(pd.Series(delivered, index=pages.subjects, dtype=object), treated)
    return pd.DataFrame(
        {
            "TRT01P": planned,
            "TRT01PN": planned.map(COHORT_NUMBER).astype("Int64"),
            "TRT01A": as_treated,
            "TRT01AN": as_treated.map(COHORT_NUMBER).astype("Int64"),
        }
    )


def baseline(pages: Pages, treated: pd.Series) -> pd.DataFrame:
    """Return risk factors and what was measured on the target limb before the procedure."""
    limb = pages.value("LH", "target_limb")
    rutherford = pages.value("BCS", "rutherford_target")
    category = rutherford.map(lambda code: int(code) if code else None).astype("Int64")
    abi, tbi = _pressures(pages, limb)
    return pd.DataFrame(
        {
            "DMFL": _yes_no(pages.value("MH", "dm_type").map({"N": "N", "T1": "Y", "T2": "Y", "OTH": "Y"})),
            **{name: _yes_no(pages.value("MH", item)) for name, item in HISTORY.items()},
            "SMOKE": pages.value("MH", "smoking"),
            "EGFRBL": _egfr(pages),
            "TLIMB": limb,
            "RUTHBL": category,
            "RUTHGR1": category.map(
                lambda found: "2-3" if found in (2, 3) else "4-5" if found in (4, 5) else None
            ),
            "ABIBL": abi,
            "TBIBL": tbi,
            "WIFISTG": _wifi(pages),
            "ISRNUM": pages.value("LH", "isr_number"),
            "STENTAGE": _stent_age(pages),
        }
    )


def _yes_no(values: pd.Series) -> pd.Series:
    return kept(values, values.isin(["Y", "N"]))


def _last_before(pages: Pages, form: str, day: str) -> pd.DataFrame:
    """Return each subject's last row of a form at screening."""
    frame = pages.frame(form)
    if frame.empty:
        return frame
    return (
        frame[frame["visit"].eq("SCR")].sort_values(["subject", day]).drop_duplicates("subject", keep="last")
    )


def _pressures(pages: Pages, limb: pd.Series) -> tuple[pd.Series, pd.Series]:
    empty = pd.Series(np.nan, index=pages.subjects)
    rows = _last_before(pages, "ABI", "abi_date")
    if rows.empty:
        return empty, empty
    rows = rows.set_index("subject").reindex(pages.subjects)
    left = limb.eq("L").to_numpy()
    found = []
    for stem in ("abi", "tbi"):
        columns = [
            pd.to_numeric(rows[f"{stem}_{side}"], errors="coerce").to_numpy(dtype="float64")
            if f"{stem}_{side}" in rows.columns
            else np.full(len(rows), np.nan)
            for side in "lr"
        ]
        found.append(pd.Series(np.where(left, *columns), index=pages.subjects))
    calculated = [
        clinical.ankle_brachial_index(
            _whole(row, f"ankle_dp_{side}", f"ankle_pt_{side}"), _whole(row, "brachial_l", "brachial_r")
        )
        for side, row in zip(np.where(left, "l", "r"), rows.to_dict("records"), strict=True)
    ]
    measured = pd.Series(
        [None if value is None else float(value) for value in calculated],
        index=pages.subjects,
        dtype="float64",
    )
    return measured.combine_first(found[0]), found[1]


def _whole(row: dict, *items: str) -> Iterable[int | None]:
    return [None if pd.isna(row.get(item)) else int(row[item]) for item in items]


def _egfr(pages: Pages) -> pd.Series:
    rows = _last_before(pages, "LB", "lb_dt") if pages.frame("LB").empty else None
    if rows is None:
        frame = pages.frame("LB")
        creatinine = frame[
            frame["lb_test"].eq("CREAT") & frame["visit"].eq("SCR") & frame["lb_value"].notna()
        ]
        rows = creatinine.sort_values(["subject", "lb_dt"]).drop_duplicates("subject", keep="last")
    if rows.empty:
        return pd.Series(np.nan, index=pages.subjects)
    value = rows.set_index("subject")["lb_value"].reindex(pages.subjects)
    age, sex = pages.number("DM", "age"), pages.value("DM", "sex")
    dialysis = pages.value("MH", "dialysis").eq("Y")
    found = [
        None
        if pd.isna(level) or pd.isna(years) or on
        else clinical.egfr(level, int(years), gender if isinstance(gender, str) else None)
        for level, years, gender, on in zip(value, age, sex, dialysis, strict=True)
    ]
    return pd.Series(
        [None if one is None else float(one) for one in found], index=pages.subjects, dtype="float64"
    )


def _wifi(pages: Pages) -> pd.Series:
    loss = pages.value("BCS", "tissue_loss").eq("Y")
    grades = [pages.value("BCS", f"wifi_{name}") for name in ("wound", "ischaemia", "infection")]
    found = []
    for lost, wound, ischaemia, infection in zip(loss, *grades, strict=True):
        stage = clinical.wifi_stage(_grade(wound, lost), _grade(ischaemia, True), _grade(infection, lost))
        found.append(stage)
    return pd.Series(found, index=pages.subjects, dtype="Int64")


def _grade(code: object, asked: bool) -> int | None:
    if not asked:
        return 0
    return int(code) if isinstance(code, str) else None


def _stent_age(pages: Pages) -> pd.Series:
    """Return months since the implant of the stent that carries the lesion, its date imputed (§7.2)."""
    stents = pages.frame("PS")
    if stents.empty:
        return pd.Series(np.nan, index=pages.subjects)
    carrying = stents[stents["ps_carries_tl"].eq("Y") & stents["ps_implant_date"].notna()]
    implanted = (
        carrying.drop_duplicates("subject").set_index("subject")["ps_implant_date"].reindex(pages.subjects)
    )
    proc = pd.to_datetime(pages.value("PR", "proc_date"))
    day = pd.to_datetime(
        pd.Series([_history(text) for text in implanted], index=pages.subjects, dtype=object)
    )
    return ((proc - day.where(day <= proc, proc)).dt.days / MONTH).where(implanted.notna())


def _history(text: object) -> str | None:
    """Return a history date imputed: missing day 15, missing month 1 July."""
    if not isinstance(text, str):
        return None
    date = PartialDate.parse(text)
    if date.month is None:
        return f"{date.year:04d}-07-01"
    return f"{date.year:04d}-{date.month:02d}-{date.day or 15:02d}"
