"""DUS: Duplex ultrasound."""

from decimal import Decimal
from typing import Any

from protocol import patency
from protocol.clinical import ratio
from protocol.codelists import NY, READER, RESLOC, STENCAT, WAVE
from protocol.codelists.followup import PATSTAT
from protocol.thresholds import DEFAULTS
from protocol.words import T
from visits.crfs.base import Contradiction, Crf, Section, Values
from visits.items import (
    CodeItem,
    DateItem,
    DecItem,
    Derived,
    FileItem,
    IntItem,
    Range,
    RefItem,
    TextItem,
    Unusual,
)

THRESHOLD = Decimal(DEFAULTS.psvr) / 100


def _psvr(v: Values) -> Decimal | None:
    """Return the PSVR that counts: calculated where both velocities are there, else as reported."""
    calculated = ratio(v.get("psv_max_cms"), v.get("psv_ref_cms"))
    reported: Decimal | None = v.get("psvr")
    return reported if calculated is None else calculated


def _status(v: Values, dossier: Any) -> str | None:
    if v.get("dus_adequate") is None:
        return None
    psvr = _psvr(v)
    return patency.duplex_status(
        adequate=v.get("dus_adequate"),
        occlusion=v.get("dus_occlusion"),
        psvr=None if psvr is None else int(psvr * 100),
        stenosis_category=v.get("stenosis_cat"),
    )


def _disagrees(v: Values) -> bool:
    psvr = _psvr(v)
    if psvr is None:
        return False
    return bool(v["stenosis_cat"] == "0" if psvr > THRESHOLD else v["stenosis_cat"] in ("1", "2"))


class Duplex(Crf):
    """One duplex reading of one target lesion by one reader."""

    form = "DUS"
    title = T("Duplex ultrasound", "双功超声")
    repeating = True

    dus_date = DateItem(T("Exam date", "检查日期"), "R!", sdtm="CV.CVDTC")
    dus_lesion = RefItem(
        T("Lesion", "病变编号"), "lesion", "C!", show_if="visit_code<>SCR", sdtm="CV.CVLNKID"
    )
    dus_reader = CodeItem(T("Reader", "判读方"), READER, "R!", sdtm="CV.CVEVAL")
    dus_adequate = CodeItem(
        T("Technically adequate", "图像质量是否合格"), NY, "R!", soft=Unusual("N"), sdtm="CV[ADEQUATE]"
    )
    dus_inadequate_why = TextItem(
        T("Reason not adequate", "不合格原因"), 100, "C", show_if="dus_adequate=N", sdtm="SUPPCV[INADREAS]"
    )
    dus_occlusion = CodeItem(
        T("Occluded (no flow)", "是否闭塞(无血流)"),
        NY,
        "C!",
        soft=Unusual("Y"),
        show_if="dus_adequate=Y",
        sdtm="CV[OCCL]",
    )
    psv_ref_cms = IntItem(
        T("PSV, reference segment proximal to lesion", "病变近端参考段收缩期峰值流速"),
        "C",
        unit="cm/s",
        hard=Range(1, 500),
        soft=Range(20, 200),
        show_if="dus_occlusion=N",
        sdtm="CV[PSVREF]",
    )
    psv_max_cms = IntItem(
        T("PSV, maximum in lesion ± 30 mm", "病变段(±30mm)最大收缩期峰值流速"),
        "C",
        unit="cm/s",
        hard=Range(1, 1000),
        soft=Range(20, 500),
        show_if="dus_occlusion=N",
        sdtm="CV[PSVMAX]",
    )
    psvr = DecItem(
        T("PSVR as reported", "收缩期峰值流速比(报告值)"),
        4,
        2,
        "C",
        unit="ratio",
        hard=Range("0.10", 30),
        soft=Range("0.5", 10),
        show_if="dus_occlusion=N",
        sdtm="CV[PSVR]",
    )
    psvr_calc = Derived(
        T("PSVR calculated", "收缩期峰值流速比(计算值)"),
        lambda v, dossier: ratio(v.get("psv_max_cms"), v.get("psv_ref_cms")),
        unit="ratio",
        show_if="dus_occlusion=N",
        sdtm="CV[PSVRCALC]",
    )
    stenosis_cat = CodeItem(
        T("Stenosis category", "狭窄程度"), STENCAT, "C", show_if="dus_adequate=Y", sdtm="CV[STENCAT]"
    )
    restenosis_loc = CodeItem(
        T("Location of restenosis", "再狭窄部位"),
        RESLOC,
        "C",
        show_if="stenosis_cat in (1,2,3)",
        sdtm="CV.CVLOC",
    )
    waveform_dist = CodeItem(
        T("Distal waveform", "远端频谱波形"), WAVE, "O", show_if="dus_adequate=Y", sdtm="CV[WAVEFORM]"
    )
    aneurysm_mm = DecItem(
        T("Max diameter if aneurysmal change", "瘤样扩张最大直径"),
        4,
        1,
        "O",
        unit="mm",
        hard=Range(3, 60),
        sdtm="CV[ANEUDIAM]",
    )
    dus_status = Derived(
        T("Patency status of this reading", "本次判读通畅状态"), _status, codelist=PATSTAT, sdtm="CV[PATSTAT]"
    )
    dus_images = FileItem(T("Images uploaded", "影像上传"), "O", sdtm="CV.CVXFN")

    layout = (
        Section(
            T("Exam", "检查"), ("dus_date", "dus_lesion", "dus_reader", "dus_adequate", "dus_inadequate_why")
        ),
        Section(T("Flow", "血流"), ("dus_occlusion", "psv_ref_cms", "psv_max_cms", "psvr", "psvr_calc")),
        Section(
            T("Findings", "所见"),
            ("stenosis_cat", "restenosis_loc", "waveform_dist", "aneurysm_mm", "dus_status", "dus_images"),
        ),
    )

    contradictions = (
        Contradiction(
            "DUS.stenosis_cat",
            ("stenosis_cat", "dus_occlusion"),
            lambda v: (v["stenosis_cat"] == "3") != (v["dus_occlusion"] == "Y"),
            T("Stenosis category 3 must equal occlusion.", '狭窄程度"闭塞"须与是否闭塞一致。'),
            cells=("stenosis_cat: 3 ⇔ dus_occlusion=Y",),
        ),
    )

    warnings = (
        Contradiction(
            "EC-087",
            ("psvr", "psvr_calc"),
            lambda v: abs(v["psvr_calc"] - v["psvr"]) > Decimal("0.10"),
            T("Reported PSVR differs from PSV ratio.", "PSVR报告值与计算值不符。"),
            cells=("psvr_calc: differs from psvr by > 0.10",),
        ),
        Contradiction(
            "EC-089",
            ("stenosis_cat", "psvr_calc", "psvr"),
            lambda v: _disagrees(v),
            T("PSVR and stenosis category disagree.", "PSVR与狭窄分级不一致。"),
            cells=("stenosis_cat: 0 with PSVR > 2.4", "stenosis_cat: 1–2 with PSVR ≤ 2.4"),
            may_be_blank=("psvr_calc", "psvr"),
        ),
        Contradiction(
            "DUS.waveform_dist",
            ("waveform_dist", "dus_occlusion"),
            lambda v: v["waveform_dist"] == "ABS" and v["dus_occlusion"] == "N",
            T("Distal waveform absent, but the lesion is not occluded.", "远端未探及波形,但病变未闭塞。"),
            cells=("waveform_dist: ABS with dus_occlusion=N",),
        ),
        # Asked for once the exam is read: until then the page is being filled.
        Contradiction(
            "DUS.dus_images.missing",
            ("dus_images", "stenosis_cat"),
            lambda v: v["dus_images"] is None,
            T(
                "Images missing: upload them, or give the reason why there are none.",
                "缺少影像：请上传，或填写缺失原因。",
            ),
            cells=("dus_images: missing",),
            may_be_blank=("dus_images",),
            answered_by_reason="dus_images",
        ),
    )

    class Meta(Crf.Meta):
        db_table = "crf_dus"
