"""The procedure part of ADSL: target lesions, devices, and how the procedure ended."""

from __future__ import annotations

import numpy as np
import pandas as pd

from outcomes.tables import Pages, aggregate, chosen, holders, nothing
from protocol import clinical

GOT = ("OK", "PART")
DISSECTION = "0ABCDEF"
EARLY = frozenset({"STROKE", "MI", "ALI", "TLTHR"})
EARLY_DAYS = 3


def got(pages: Pages, form: str) -> pd.Series:
    """Say for each subject whether a device of this kind was delivered."""
    frame = pages.frame(form)
    outcome = f"{form.lower()}_outcome"
    return pd.Series(pages.subjects.isin(holders(frame, outcome, *GOT)), index=pages.subjects)


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
    table["PRVBMSFL"] = chosen(got(pages, "BMS"), "Y", chosen(has, "N", None))
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
