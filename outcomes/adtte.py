"""ADTTE: one row per treated subject and time-to-event parameter (protocol §7.4); frames in, DataFrame out.

AVAL is ADT − STARTDT without the common + 1, so that day 730 is two years and day 0 exists. SRCPAGE and
SRCITEM name the page and item that decided the row, beside the standard SRCDOM, SRCVAR and SRCSEQ.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from outcomes.assembly import Frames, subjects_of
from outcomes.derivation import derive
from outcomes.tables import chosen
from outcomes.time_to_event import EVENT, HORIZON, STATE, Outcome, Source
from protocol import endpoints
from protocol.thresholds import Thresholds

FROM_ADSL = (
    "STUDYID",
    "USUBJID",
    "SITEID",
    "TRT01P",
    "TRT01PN",
    "TRT01A",
    "TRT01AN",
    "FASFL",
    "ATFL",
    "SAFFL",
)
RENAMED = {"TRT01P": "TRTP", "TRT01PN": "TRTPN", "TRT01A": "TRTA", "TRT01AN": "TRTAN"}
SDTM = {
    "rev_date": "PR.PRSTDTC",
    "amp_date": "PR.PRSTDTC",
    "proc_date": "PR.PRSTDTC",
    "final_resid_pct": "CV.CVORRES",
    "crossing": "PR.PRSTDTC",
    "death_date": "DM.DTHDTC",
    "fu_date": "SV.SVSTDTC",
    "pp_date": "SV.SVSTDTC",
    "disc_date": "HO.HOENDTC",
    "dus_date": "CV.CVDTC",
    "dus_status": "CV.CVDTC",
    "img_date": "CV.CVDTC",
    "img_status": "CV.CVDTC",
    "xr_date": "DU.DUDTC",
    "abi_date": "VS.VSDTC",
    "lb_dt": "LB.LBDTC",
    "ae_start": "AE.AESTDTC",
    "ae_hosp_disch": "HO.HOENDTC",
    "exit_date": "DS.DSSTDTC",
    "last_contact_date": "DM.RFPENDTC",
    "reconsent_date": "DS.DSSTDTC",
    "vital_check_date": "SS.SSDTC",
}
"""Where the day of each deciding item stands in the tabulations."""


class Columns:
    """The columns of ADTTE while they are filled, one row per subject and parameter."""

    def __init__(self, rows: int) -> None:
        self.aval = np.zeros(rows, dtype="int32")
        self.cnsr = np.zeros(rows, dtype="int8")
        self.left = np.full(rows, np.nan)
        self.source: list[Source | None] = [None] * rows

    def put(self, row: int, outcome: Outcome) -> None:
        """Fill one row."""
        self.aval[row] = outcome.aval
        self.cnsr[row] = outcome.cnsr
        if outcome.left is not None:
            self.left[row] = outcome.left
        if outcome.cnsr != HORIZON:
            self.source[row] = outcome.source


def adtte(frames: Frames, adsl: pd.DataFrame, config: Mapping[str, Any] | None = None) -> pd.DataFrame:
    """Return ADTTE for the treated subjects of `adsl`, as of its CUTOFFDT, by USUBJID and parameter."""
    limits = Thresholds.from_config(config or {})
    treated = adsl[adsl["ENRLFL"].eq("Y") & adsl["TRTSDT"].notna()].reset_index(drop=True)
    position = {name: row for row, name in enumerate(treated["USUBJID"])}
    moment = adsl["CUTOFFDT"].iloc[0] if len(adsl) else None
    cut_off = None if moment is None or pd.isna(moment) else moment.date()
    specs = endpoints.ENDPOINTS
    columns = Columns(len(treated) * len(specs))
    for subject in subjects_of(frames, cut_off=cut_off, limits=limits):
        if subject.usubjid not in position:
            continue
        row = position[subject.usubjid] * len(specs)
        outcomes = derive(subject, limits=limits).outcomes  # time to event reads no window
        for offset, spec in enumerate(specs):
            columns.put(row + offset, outcomes[spec.paramcd])
    return _frame(treated, columns)


def _frame(treated: pd.DataFrame, columns: Columns) -> pd.DataFrame:
    specs = endpoints.ENDPOINTS
    repeat = np.repeat(np.arange(len(treated)), len(specs))
    which = np.tile(np.arange(len(specs)), len(treated))
    table = treated[list(FROM_ADSL)].rename(columns=RENAMED).take(repeat).reset_index(drop=True)
    table["PARAM"] = _words([spec.label.en for spec in specs], which)
    table["PARAMCD"] = _words([spec.paramcd for spec in specs], which)
    table["PARCAT1"] = _words([spec.family.category.value for spec in specs], which)
    start = treated["TRTSDT"].to_numpy()[repeat]
    table["STARTDT"] = start
    table["ADT"] = start + columns.aval.astype("timedelta64[D]")
    table["AVAL"] = columns.aval.astype("int64")
    table["AVALU"] = "DAYS"
    table["ADY"] = columns.aval.astype("int64") + 1
    table["CNSR"] = columns.cnsr.astype("int64")
    event = columns.cnsr == EVENT
    described = np.array([spec.family.short.en for spec in specs], dtype=object)[which]
    table["EVNTDESC"] = chosen(event, described, None)
    ends = np.array([endpoints.CNSR[code].en for code in sorted(endpoints.CNSR)], dtype=object)
    table["CNSDTDSC"] = chosen(event, None, ends[columns.cnsr])
    _sources(table, columns, event)
    patency = np.array([spec.family in endpoints.PATENCY_FAMILIES for spec in specs])[which]
    table["AVALL"] = columns.left
    table["AVALR"] = np.where(patency & event, columns.aval, np.nan)
    states = np.array([STATE[code] for code in sorted(STATE)], dtype="int64")
    table["STATE"] = states[columns.cnsr]
    return table


def _words(words: list[str], which: np.ndarray) -> pd.Categorical:
    categories = list(dict.fromkeys(words))
    codes = np.array([categories.index(word) for word in words])
    return pd.Categorical.from_codes(codes[which], pd.Index(categories))


def _sources(table: pd.DataFrame, columns: Columns, event: np.ndarray) -> None:
    found = columns.source
    addresses = [None if one is None else SDTM.get(one.item) for one in found]
    table["SRCDOM"] = [None if one is None else one[:2] for one in addresses]
    table["SRCVAR"] = [None if one is None else one[3:] for one in addresses]
    table["SRCSEQ"] = pd.array(
        [None if one is None or not one.number else one.number for one in found], "Int64"
    )
    adjudicated = [None if one is None else ("Y" if one.adjudicated else "N") for one in found]
    table["ADJFL"] = chosen(event, np.array(adjudicated, dtype=object), None)
    table["LESNID"] = [
        None if one is None or not ends else one.lesion for one, ends in zip(found, event, strict=True)
    ]
    table["SRCPAGE"] = [None if one is None else one.page for one in found]
    table["SRCITEM"] = [None if one is None else one.item for one in found]
