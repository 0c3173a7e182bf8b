"""The baseline part of ADSL: cohort and as-treated class, risk factors, target limb, lesions, procedure."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from outcomes.tables import Pages, aggregate, chosen, holders, kept, nothing
from protocol import clinical
from protocol.partial_dates import PartialDate

COHORT_NUMBER = {"DCB": 1, "DES": 2, "MIXED": 3, "NONE": 9}
GOT = ("OK", "PART")
HISTORY = {
    "HTNFL": "hypertension",
    "DYSLFL": "dyslipidaemia",
    "CADFL": "cad",
    "CVAFL": "prior_cva",
    "CKDFL": "ckd",
    "DIALFL": "dialysis",
}
MONTH = 30.4375
DISSECTION = "0ABCDEF"
EARLY = frozenset({"STROKE", "MI", "ALI", "TLTHR"})
EARLY_DAYS = 3


def treatment(pages: Pages, treated: pd.Series) -> pd.DataFrame:
    """Return planned and as-treated cohort; as treated counts devices that were delivered (OK or PART)."""
    planned = pages.value("PR", "planned_cohort")
    balloon, stent = _got(pages, "DCB"), _got(pages, "DES")
    got = np.select([balloon & stent, balloon, stent], ["MIXED", "DCB", "DES"], default="NONE")
    as_treated = kept(pd.Series(got, index=pages.subjects, dtype=object), treated)
    return pd.DataFrame(
        {
            "TRT01P": planned,
            "TRT01PN": planned.map(COHORT_NUMBER).astype("Int64"),
            "TRT01A": as_treated,
            "TRT01AN": as_treated.map(COHORT_NUMBER).astype("Int64"),
        }
    )


def _got(pages: Pages, form: str) -> pd.Series:
    frame = pages.frame(form)
    outcome = f"{form.lower()}_outcome"
    return pd.Series(pages.subjects.isin(holders(frame, outcome, *GOT)), index=pages.subjects)


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


def lesions(pages: Pages) -> pd.DataFrame:
    """Return the target-lesion and procedure summaries: sums and worst values over the target lesions."""
    targets = _governing_lesions(pages)
    table = pd.DataFrame(index=pages.subjects)
    count = targets.groupby("subject").size() if len(targets) else pd.Series(dtype="int64")
    table["NTL"] = count.reindex(pages.subjects).astype("Int64")
    for name, item, how in (
        ("LESLENBL", "lesion_length_mm", "sum"),
        ("TOSAKABL", "tosaka", "max"),
        ("PACSSBL", "pacss", "max"),
        ("RVDBL", "rvd_mm", "min"),
    ):
        table[name] = _over(targets, item, how, pages)
    closed = pages.subjects.isin(holders(targets, "occlusion", "Y"))
    table["CTOBLFL"] = chosen(closed, "Y", chosen(table["NTL"].notna(), "N", None))
    table["RUNOFFBL"] = _runoff(targets, pages)
    return table.join(_procedure(pages, targets))


def _over(frame: pd.DataFrame, item: str, how: str, pages: Pages) -> pd.Series:
    if frame.empty or item not in frame.columns:
        return pd.Series(np.nan, index=pages.subjects)
    return aggregate(frame, item, how).reindex(pages.subjects)


def _governing_lesions(pages: Pages) -> pd.DataFrame:
    """Return one row per target lesion: the core laboratory's reading where there is one, else the site's."""
    frame = pages.frame("LES")
    if frame.empty:
        return frame
    targets = frame[frame["is_target"].eq("Y")]
    return targets.sort_values(["subject", "lesion_no", "les_reader"]).drop_duplicates(
        ["subject", "lesion_no"]
    )


def _runoff(targets: pd.DataFrame, pages: Pages) -> pd.Series:
    vessels = [name for name in ("ro_ata", "ro_pta", "ro_pero") if name in targets.columns]
    if targets.empty or not vessels:
        return pd.Series(np.nan, index=pages.subjects)
    patent = (targets[vessels] == "P").sum(axis=1).where(targets[vessels].notna().any(axis=1))
    return patent.groupby(targets["subject"]).min().reindex(pages.subjects)


def _procedure(pages: Pages, targets: pd.DataFrame) -> pd.DataFrame:
    treated = pages.frame("PRL")
    table = pd.DataFrame(index=pages.subjects)
    has = pages.has("PRL")
    dilated = pages.subjects.isin(holders(treated, "predil_done", "Y"))
    table["PREDILFL"] = chosen(dilated, "Y", chosen(has, "N", None))
    table["ADJUNCT"] = _adjuncts(treated, pages)
    counts, lengths = pd.Series(0.0, index=pages.subjects), pd.Series(0.0, index=pages.subjects)
    for form in ("DCB", "DES"):
        frame = pages.frame(form)
        if f"{form.lower()}_outcome" not in frame.columns:
            continue
        given = frame[frame[f"{form.lower()}_outcome"].isin(GOT)]
        counts = counts.add(given.groupby("subject").size().reindex(pages.subjects).fillna(0))
        if f"{form.lower()}_len_mm" in given.columns and len(given):
            lengths = lengths.add(
                aggregate(given, f"{form.lower()}_len_mm", "sum").reindex(pages.subjects).fillna(0)
            )
    table["NDEV"] = counts.where(has).astype("Int64")
    table["DEVLEN"] = lengths.where(has)
    table["PRVBMSFL"] = chosen(_got(pages, "BMS"), "Y", chosen(has, "N", None))
    table["RESIDFIN"] = _over(treated, "final_resid_pct", "max", pages)
    table["DISSFIN"] = _dissection(treated, pages)
    table["TECHSUC"] = _technical(pages, treated)
    early = pages.subjects.isin(_early_events(pages))
    table["PROCSUC"] = chosen(table["TECHSUC"].eq("Y") & early, "N", table["TECHSUC"])
    return table


def _adjuncts(treated: pd.DataFrame, pages: Pages) -> pd.Series:
    found: dict[str, set[str]] = {}
    if "adjunct" in treated.columns:
        for subject, codes in zip(treated["subject"], treated["adjunct"], strict=True):
            if isinstance(codes, list):
                found.setdefault(subject, set()).update(codes)
    return pd.Series({name: " ".join(sorted(codes)) for name, codes in found.items()}, dtype=object).reindex(
        pages.subjects
    )


def _dissection(treated: pd.DataFrame, pages: Pages) -> pd.Series:
    if "final_diss" not in treated.columns:
        return nothing(pages.subjects)
    grade = treated["final_diss"].map(lambda code: DISSECTION.index(code) if isinstance(code, str) else None)
    worst = grade.groupby(treated["subject"]).max().reindex(pages.subjects)
    return worst.map(lambda one: None if pd.isna(one) else DISSECTION[int(one)])


def _technical(pages: Pages, treated: pd.DataFrame) -> pd.Series:
    """Return Y where every target lesion was crossed and left open, N where one was not, else missing."""
    stented = set()
    for form in ("BMS", "DES"):
        frame = pages.frame(form)
        if f"{form.lower()}_outcome" in frame.columns:
            got = frame[frame[f"{form.lower()}_outcome"].isin(GOT)]
            stented |= set(zip(got["subject"], got[f"{form.lower()}_lesion"], strict=True))
    found: dict[str, list[clinical.TreatedLesion]] = {}
    for row in treated.to_dict("records"):
        residual = row.get("final_resid_pct")
        found.setdefault(row["subject"], []).append(
            clinical.TreatedLesion(
                crossing=row.get("crossing"),
                stented=(row["subject"], row.get("prl_lesion")) in stented,
                final_residual_pct=None if pd.isna(residual) else int(residual),
                flow_limiting=row.get("flow_limiting"),
            )
        )
    calls = {name: clinical.technical_success(rows) for name, rows in found.items()}
    return pd.Series(calls, dtype=object).reindex(pages.subjects)


def _early_events(pages: Pages) -> set[str]:
    """Return the subjects with a death, major event or urgent surgery within 72 hours (protocol §3.14)."""
    proc = pd.to_datetime(pages.value("PR", "proc_date"))
    found: set[str] = set()
    for form, item, counts in (
        ("DTH", "death_date", lambda row: True),
        ("AE", "ae_start", lambda row: not EARLY.isdisjoint(row.get("ae_aesi") or ())),
        (
            "REV",
            "rev_date",
            lambda row: row.get("rev_urgent") == "Y" and row.get("rev_kind") in ("SURG", "HYB"),
        ),
    ):
        for row in pages.frame(form).to_dict("records"):
            day = row.get(item)
            if isinstance(day, str) and len(day) == 10 and counts(row):
                passed = (pd.Timestamp(day) - proc[row["subject"]]).days
                if 0 <= passed <= EARLY_DAYS:
                    found.add(row["subject"])
    return found
