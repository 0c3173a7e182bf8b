"""BCS: Baseline clinical status."""

from typing import Any

from protocol.clinical import wifi_stage
from protocol.codelists import NY, RUTH, WIFI
from protocol.words import T
from visits.crfs.base import Contradiction, Crf, Section, Values
from visits.items import CodeItem, DateItem, DecItem, Derived, IntItem, Range, Unusual


def _wifi_stage(v: Values, dossier: Any) -> int | None:
    """Return the stage; without tissue loss, at rest pain, wound and infection count as grade 0."""
    rest_pain = v.get("tissue_loss") == "N"
    wound = "0" if rest_pain else v.get("wifi_wound")
    infection = "0" if rest_pain else v.get("wifi_infection")
    ischaemia = v.get("wifi_ischaemia")
    if None in (wound, ischaemia, infection):
        return None
    return wifi_stage(int(str(wound)), int(str(ischaemia)), int(str(infection)))


class BaselineClinicalStatus(Crf):
    """Clinical status of the limb at baseline."""

    form = "BCS"
    title = T("Baseline clinical status", "基线临床状态")

    bcs_date = DateItem(T("Assessment date", "评估日期"), "R!", sdtm="RS.RSDTC")
    rutherford_target = CodeItem(
        T("Rutherford category, target limb", "靶肢Rutherford分级"),
        RUTH,
        "R!",
        soft=Unusual("0", "1", "6"),
        sdtm="RS[RUTHCAT]",
    )
    rutherford_contra = CodeItem(
        T("Rutherford category, other limb", "对侧Rutherford分级"), RUTH, "O", sdtm="RS[RUTHCAT]"
    )
    claud_distance_m = IntItem(
        T("Pain-free walking distance", "无痛行走距离"),
        "C",
        unit="m",
        hard=Range(0, 10000),
        show_if="rutherford_target in (1,2,3)",
        sdtm="FT[CLAUDDIS]",
    )
    acute_ischaemia = CodeItem(
        T("Acute ischaemia of the target limb ≤ 14 days", "靶肢14天内急性缺血"),
        NY,
        "R!",
        soft=Unusual("Y"),
        sdtm="CE.CEOCCUR",
    )
    tissue_loss = CodeItem(T("Ulcer or gangrene present", "是否有溃疡或坏疽"), NY, "R!", sdtm="FA[TISSLOSS]")
    wound_area_cm2 = DecItem(
        T("Largest wound area", "最大创面面积"),
        5,
        1,
        "C",
        unit="cm2",
        hard=Range("0.1", 500),
        soft=Range(hi=50),
        show_if="tissue_loss=Y",
        sdtm="FA[WNDAREA]",
    )
    wifi_wound = CodeItem(
        T("WIfI wound grade", "WIfI创面分级"),
        WIFI,
        "C",
        soft=Unusual("0"),
        show_if="tissue_loss=Y",
        sdtm="RS[WIFIW]",
    )
    wifi_ischaemia = CodeItem(
        T("WIfI ischaemia grade", "WIfI缺血分级"),
        WIFI,
        "C",
        show_if="rutherford_target>=4 or tissue_loss=Y",
        sdtm="RS[WIFII]",
    )
    wifi_infection = CodeItem(
        T("WIfI foot infection grade", "WIfI足部感染分级"),
        WIFI,
        "C",
        soft=Unusual("3"),
        show_if="tissue_loss=Y",
        sdtm="RS[WIFIFI]",
    )
    wifi_stage = Derived(
        T("WIfI clinical stage", "WIfI临床分期"),
        _wifi_stage,
        show_if="rutherford_target>=4 or tissue_loss=Y",
        sdtm="RS[WIFISTG]",
    )

    layout = (
        Section(
            T("Symptoms", "症状"),
            ("bcs_date", "rutherford_target", "rutherford_contra", "claud_distance_m", "acute_ischaemia"),
        ),
        Section(
            T("Wound and WIfI", "创面与WIfI"),
            ("tissue_loss", "wound_area_cm2", "wifi_wound", "wifi_ischaemia", "wifi_infection", "wifi_stage"),
        ),
    )

    warnings = (
        Contradiction(
            "EC-056",
            ("tissue_loss", "rutherford_target"),
            lambda v: (v["tissue_loss"] == "Y") != (v["rutherford_target"] >= "5"),
            T("Tissue loss and Rutherford category disagree.", "组织缺损与Rutherford分级不一致。"),
            cells=("tissue_loss: disagrees with Rutherford 5–6",),
        ),
        Contradiction(
            "BCS.claud_distance_m",
            ("claud_distance_m", "rutherford_target"),
            lambda v: v["rutherford_target"] == "3" and v["claud_distance_m"] > 1000,
            T("Walks more than 1000 m with severe claudication.", "重度跛行但无痛行走超过1000米。"),
            cells=("claud_distance_m: > 1000 with Rutherford 3",),
        ),
    )

    class Meta(Crf.Meta):
        db_table = "crf_bcs"
