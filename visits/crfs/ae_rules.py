"""What adverse events cannot say on one page, and what is asked about."""

import re
from datetime import timedelta

from protocol.partial_dates import PartialDate, is_before
from protocol.words import T
from visits.crfs.base import INCOMPLETE_DATE, Contradiction, Values
from visits.items import local_day

ONE_DAY = timedelta(hours=24)
SOUNDS_LIKE_HOSPITAL = re.compile(
    r"hospital|inpatient|admission|admitted|\bICU\b|住院|入院|急诊留观|重症监护", re.I
)


def _barc_differs(v: Values) -> bool:
    """Compare the types; probable (5a) and definite (5b) fatal bleeding are told apart by people alone."""
    investigator, derived = v["bl_barc_inv"], v["bl_barc"]
    return bool(investigator[0] != "5" if derived[0] == "5" else investigator != derived)


CONTRADICTIONS = (
    Contradiction(
        "EC-107",
        ("ae_sae_crit", "ae_serious"),
        lambda v: v["ae_serious"] == "Y" and not v["ae_sae_crit"],
        T("SAE without a seriousness criterion.", "SAE缺少严重性标准。"),
        may_be_blank=("ae_sae_crit",),
    ),
    Contradiction(
        "EC-110",
        ("ae_end", "ae_start"),
        lambda v: is_before(v["ae_end"], v["ae_start"]) is True,
        T("AE ends before it starts.", "不良事件结束早于开始。"),
        cells=("ae_end: ≥ ae_start",),
    ),
    Contradiction(
        "AE.ae_ctcae",
        ("ae_ctcae", "ae_outcome"),
        lambda v: (v["ae_ctcae"] == 5) != (v["ae_outcome"] == "FAT"),
        T("CTCAE grade 5 must equal a fatal outcome.", "CTCAE 5级须与转归为死亡一致。"),
        cells=("ae_ctcae: 5 ⇔ FAT",),
    ),
    Contradiction(
        "AE.ae_hosp_disch",
        ("ae_hosp_disch", "ae_hosp_admit"),
        lambda v: is_before(v["ae_hosp_disch"], v["ae_hosp_admit"]) is True,
        T("Discharge before admission.", "出院日期早于入院日期。"),
        cells=("ae_hosp_disch: ≥ ae_hosp_admit",),
    ),
    Contradiction(
        "AE.ae_aware_dt",
        ("ae_aware_dt", "ae_start"),
        lambda v: is_before(local_day(v["ae_aware_dt"]), v["ae_start"]) is True,
        T("Site aware before the event began.", "研究中心获知时间早于事件开始。"),
        cells=("ae_aware_dt: ≥ ae_start",),
    ),
    Contradiction(
        "AE.ae_report_dt",
        ("ae_report_dt", "ae_aware_dt"),
        lambda v: v["ae_report_dt"] < v["ae_aware_dt"],
        T("Reported before the site was aware.", "上报时间早于获知时间。"),
        cells=("ae_report_dt: ≥ ae_aware_dt",),
    ),
    Contradiction(
        "AE.bl_hb_nadir",
        ("bl_hb_nadir", "bl_hb_before"),
        lambda v: v["bl_hb_nadir"] > v["bl_hb_before"],
        T("Lowest haemoglobin above the value before bleeding.", "最低血红蛋白高于出血前。"),
        cells=("bl_hb_nadir: ≤ bl_hb_before",),
    ),
)

WARNINGS = (
    Contradiction(
        "AE.ae_start",
        ("ae_start",),
        lambda v: not PartialDate.of(v["ae_start"]).complete,
        INCOMPLETE_DATE,
        cells=("ae_start: incomplete",),
    ),
    Contradiction(
        "AE.ae_end",
        ("ae_end",),
        lambda v: not PartialDate.of(v["ae_end"]).complete,
        INCOMPLETE_DATE,
        cells=("ae_end: incomplete",),
    ),
    Contradiction(
        "AE.ae_serious",
        ("ae_serious", "ae_term"),
        lambda v: v["ae_serious"] == "N" and SOUNDS_LIKE_HOSPITAL.search(v["ae_term"]) is not None,
        T("The term sounds like a stay in hospital: is it serious?", "事件名称涉及住院,是否为严重事件?"),
        cells=("ae_serious: N with HOSP-like term",),
    ),
    Contradiction(
        "AE.ae_ctcae.severity",
        ("ae_ctcae", "ae_severity"),
        lambda v: str(min(v["ae_ctcae"], 3)) != v["ae_severity"],
        T("CTCAE grade and severity disagree.", "CTCAE分级与严重程度不一致。"),
        cells=("ae_ctcae: inconsistent with ae_severity",),
    ),
    Contradiction(
        "EC-108",
        ("ae_report_dt", "ae_aware_dt"),
        lambda v: v["ae_report_dt"] - v["ae_aware_dt"] > ONE_DAY,
        T("SAE reported later than 24 h: deviation created.", "SAE上报超过24小时,已生成偏离。"),
        cells=("ae_report_dt: > 24 h after ae_aware_dt",),
    ),
    Contradiction(
        "AE.bl_hb_nadir.fall",
        ("bl_hb_nadir", "bl_hb_before"),
        lambda v: v["bl_hb_before"] - v["bl_hb_nadir"] > 100,
        T("Haemoglobin fell by more than 100 g/L.", "血红蛋白下降超过100 g/L。"),
        cells=("bl_hb_nadir: drop > 100",),
    ),
    Contradiction(
        "EC-111",
        ("bl_barc_inv", "bl_barc", "ae_aesi"),
        lambda v: "BLEED" in v["ae_aesi"] and _barc_differs(v),
        T("BARC type differs from the derived type.", "BARC分型与推导结果不一致。"),
        cells=("bl_barc_inv: ≠ bl_barc",),
    ),
    Contradiction(
        "AE.ae_narrative",
        ("ae_narrative",),
        lambda v: len(v["ae_narrative"]) < 50,
        T("Narrative shorter than 50 characters.", "事件描述少于50个字符。"),
        cells=("ae_narrative: < 50 characters",),
    ),
)
