"""DUS: Duplex ultrasound."""

from protocol.codelists import NY, READER, RESLOC, STENCAT, WAVE
from protocol.words import T
from visits.crfs.base import Crf, Section
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
    dus_status = Derived(T("Patency status of this reading", "本次判读通畅状态"), sdtm="CV[PATSTAT]")
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

    class Meta(Crf.Meta):
        db_table = "crf_dus"
