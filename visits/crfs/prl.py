"""PRL: Treatment per target lesion."""

from protocol.codelists import ADJ, CROSS, DISS, NY, READER
from protocol.words import T
from visits.crfs.base import Contradiction, Crf, Section
from visits.items import CodeItem, DecItem, IntItem, MultiCodeItem, Range, RefItem, Unusual


class LesionTreatment(Crf):
    """What was done to one target lesion, and how it looked at the end."""

    form = "PRL"
    title = T("Treatment per target lesion", "靶病变处理")
    repeating = True

    prl_lesion = RefItem(T("Lesion", "病变编号"), "lesion", "R!", sdtm="PR.PRLNKID")
    crossing = CodeItem(
        T("Guidewire crossing", "导丝通过方式"), CROSS, "R!", soft=Unusual("FAIL"), sdtm="SUPPPR[CROSS]"
    )
    reentry_device = CodeItem(
        T("Re-entry device used", "是否使用重返真腔器械"),
        NY,
        "C",
        show_if="crossing in (SUB,MIX)",
        sdtm="DX.DXOCCUR",
    )
    predil_done = CodeItem(T("Pre-dilation", "是否预扩张"), NY, "R!", soft=Unusual("N"), sdtm="PR.PROCCUR")
    predil_diam_mm = DecItem(
        T("Largest pre-dilation balloon", "预扩球囊最大直径"),
        3,
        1,
        "C",
        unit="mm",
        hard=Range("1.5", 10),
        soft=Range(3, 7),
        show_if="predil_done=Y",
        sdtm="DU[BALLDIAM]",
    )
    predil_len_mm = IntItem(
        T("Balloon length", "预扩球囊长度"),
        "C",
        unit="mm",
        hard=Range(10, 300),
        soft=Range(20, 250),
        show_if="predil_done=Y",
        sdtm="DU[BALLLEN]",
    )
    predil_atm = IntItem(
        T("Max pressure", "最大压力"),
        "C",
        unit="atm",
        hard=Range(1, 40),
        soft=Range(4, 20),
        show_if="predil_done=Y",
        sdtm="DU[INFLPRES]",
    )
    predil_sec = IntItem(
        T("Longest inflation", "最长扩张时间"),
        "C",
        unit="s",
        hard=Range(1, 1800),
        soft=Range(30, 300),
        show_if="predil_done=Y",
        sdtm="DU[INFLTIME]",
    )
    adjunct = MultiCodeItem(
        T("Adjunctive vessel preparation", "辅助血管准备技术"),
        ADJ,
        "R!",
        exclusive=("NONE",),
        soft=Unusual("PMT", "CDT"),
        sdtm="PR.PRTRT",
    )
    predil_resid_pct = IntItem(
        T("Residual stenosis after preparation", "血管准备后残余狭窄"),
        "R",
        unit="%",
        hard=Range(0, 100),
        soft=Range(hi=50),
        show_if="crossing<>FAIL",
        sdtm="CV[RESIDPRE]",
    )
    predil_diss = CodeItem(
        T("Dissection after preparation (NHLBI)", "血管准备后夹层分级(NHLBI)"),
        DISS,
        "R",
        soft=Unusual("D", "E", "F"),
        show_if="crossing<>FAIL",
        sdtm="CV[DISSGR]",
    )
    postdev_resid_pct = IntItem(
        T("Residual stenosis after DCB or DES, before any BMS", "DCB/DES后(BMS前)残余狭窄"),
        "R",
        unit="%",
        hard=Range(0, 100),
        soft=Range(hi=30),
        show_if="crossing<>FAIL",
        sdtm="CV[RESIDDEV]",
    )
    postdev_diss = CodeItem(
        T("Worst dissection after DCB or DES, before any BMS", "DCB/DES后(BMS前)最重夹层分级"),
        DISS,
        "R",
        soft=Unusual("C", "D", "E", "F"),
        show_if="crossing<>FAIL",
        sdtm="CV[DISSGR]",
    )
    postdev_flowlim = CodeItem(
        T("That dissection was flow-limiting", "该夹层是否限流"),
        NY,
        "C",
        show_if="postdev_diss<>0",
        sdtm="CV[FLOWLIM]",
    )
    postdil_done = CodeItem(
        T("Post-dilation", "是否后扩张"), NY, "R", show_if="crossing<>FAIL", sdtm="PR.PROCCUR"
    )
    final_resid_pct = IntItem(
        T("Final residual stenosis", "最终残余狭窄"),
        "R!",
        unit="%",
        hard=Range(0, 100),
        soft=Range(hi=30),
        show_if="crossing<>FAIL",
        sdtm="CV[RESIDFIN]",
    )
    final_diss = CodeItem(
        T("Final dissection grade (NHLBI)", "最终夹层分级"),
        DISS,
        "R!",
        soft=Unusual("C", "D", "E", "F"),
        show_if="crossing<>FAIL",
        sdtm="CV[DISSGR]",
    )
    flow_limiting = CodeItem(
        T("Flow-limiting dissection at end", "最终是否限流性夹层"),
        NY,
        "R!",
        soft=Unusual("Y"),
        show_if="crossing<>FAIL",
        sdtm="CV[FLOWLIM]",
    )
    treated_prox_mm = IntItem(
        T("Proximal treated edge to profunda origin", "治疗段近端距股深动脉开口"),
        "R",
        unit="mm",
        hard=Range(-100, 500),
        show_if="crossing<>FAIL",
        sdtm="CV[TXPROX]",
    )
    treated_len_mm = IntItem(
        T("Total treated length", "治疗段总长度"),
        "R",
        unit="mm",
        hard=Range(1, 600),
        show_if="crossing<>FAIL",
        sdtm="CV[TXLEN]",
    )
    runoff_after = IntItem(
        T("Patent runoff vessels at end", "术终通畅流出道支数"),
        "R",
        unit="vessels",
        hard=Range(0, 3),
        show_if="crossing<>FAIL",
        sdtm="CV[RUNOFFN]",
    )
    prl_reader = CodeItem(T("Reader of final angiogram", "术终造影判读方"), READER, "R!", sdtm="CV.CVEVAL")

    layout = (
        Section(T("Crossing", "通过病变"), ("prl_lesion", "crossing", "reentry_device")),
        Section(
            T("Vessel preparation", "血管准备"),
            (
                "predil_done",
                "predil_diam_mm",
                "predil_len_mm",
                "predil_atm",
                "predil_sec",
                "adjunct",
                "predil_resid_pct",
                "predil_diss",
            ),
        ),
        Section(T("After DCB or DES", "DCB/DES后"), ("postdev_resid_pct", "postdev_diss", "postdev_flowlim")),
        Section(
            T("Final result", "最终结果"),
            (
                "postdil_done",
                "final_resid_pct",
                "final_diss",
                "flow_limiting",
                "treated_prox_mm",
                "treated_len_mm",
                "runoff_after",
                "prl_reader",
            ),
        ),
    )

    warnings = (
        Contradiction(
            "EC-081",
            ("predil_done", "crossing"),
            lambda v: v["predil_done"] == "N" and v["crossing"] != "FAIL",
            T("No pre-dilation: confirm.", "未预扩张,请确认。"),
            limit_of=("predil_done",),
        ),
        Contradiction(
            "EC-082",
            ("flow_limiting", "final_diss"),
            lambda v: v["flow_limiting"] == "Y" and v["final_diss"] in ("0", "A"),
            T("Flow-limiting dissection with grade 0 or A.", "限流性夹层与夹层分级不符。"),
        ),
    )

    class Meta(Crf.Meta):
        db_table = "crf_prl"
