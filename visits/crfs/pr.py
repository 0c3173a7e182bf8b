"""PR: Index procedure, common."""

from datetime import timedelta

from protocol.codelists import ACCESS, ANES, CLOSE, COHORT, NY, PCOMPL
from protocol.words import T
from visits.crfs import across
from visits.crfs.base import Contradiction, Crf, Section
from visits.items import (
    CodeItem,
    DateItem,
    DateTimeItem,
    DecItem,
    Derived,
    IntItem,
    MultiCodeItem,
    Range,
    RefItem,
    TextItem,
    Unusual,
    local_day,
)

ONE_MINUTE, SIX_HOURS, ONE_DAY = timedelta(minutes=1), timedelta(hours=6), timedelta(days=1)


class IndexProcedure(Crf):
    """The index procedure as a whole; its first section is saved before the procedure begins."""

    form = "PR"
    title = T("Index procedure, common", "研究手术(通用)")

    planned_cohort = CodeItem(
        T("Planned cohort (recorded before first study device)", "计划分组(首个研究器械使用前记录)"),
        COHORT,
        "R!",
        sdtm="DM.ARMCD",
    )
    planned_dt = DateTimeItem(T("Time plan recorded", "记录分组时间"), "R!", sdtm="SUPPDM[PLANDTC]")
    plan_reason = TextItem(
        T("Reason for choosing this device", "选择该器械的原因"), 200, "R", sdtm="SUPPDM[PLANREAS]"
    )
    proc_date = DateItem(
        T("Index procedure date (day 0)", "研究手术日期(第0天)"), "R!", sdtm="DM.RFSTDTC; PR.PRSTDTC"
    )
    proc_start = DateTimeItem(T("Start time (puncture)", "开始时间(穿刺)"), "R", sdtm="PR.PRSTDTC")
    proc_end = DateTimeItem(T("End time (sheath out or closure)", "结束时间"), "R", sdtm="PR.PRENDTC")
    study_dev_introduced = CodeItem(
        T("Study device introduced", "是否使用研究器械"), NY, "R!", soft=Unusual("N"), sdtm="DX.DXOCCUR"
    )
    study_dev_dt = DateTimeItem(
        T("Time first study device introduced", "首个研究器械进入体内时间"),
        "C",
        show_if="study_dev_introduced=Y",
        sdtm="DM.RFXSTDTC",
    )
    operator = RefItem(T("Operator", "术者"), "person", "R", sdtm="SUPPPR[OPER]")
    anaesthesia = CodeItem(T("Anaesthesia", "麻醉方式"), ANES, "R", sdtm="SUPPPR[ANES]")
    access_site = MultiCodeItem(T("Access", "入路"), ACCESS, "R!", sdtm="SUPPPR[ACCESS]")
    sheath_f = IntItem(
        T("Largest sheath", "最大鞘管规格"),
        "R",
        unit="F",
        hard=Range(3, 24),
        soft=Range(5, 8),
        sdtm="DU[SHEATHF]",
    )
    closure = MultiCodeItem(T("Access closure", "止血方式"), CLOSE, "R", sdtm="SUPPPR[CLOSURE]")
    heparin_iu = IntItem(
        T("Heparin total", "肝素总量"),
        "R",
        unit="IU",
        hard=Range(0, 50000),
        soft=Range(2000, 12000),
        sdtm="CM.CMDOSE",
    )
    inflow_treated = CodeItem(
        T("Aorto-iliac inflow treated this session", "同期处理流入道"), NY, "R!", sdtm="PR.PROCCUR"
    )
    inflow_resid_pct = IntItem(
        T("Residual inflow stenosis", "流入道术后残余狭窄"),
        "C",
        unit="%",
        hard=Range(0, 100),
        soft=Range(hi=49),
        show_if="inflow_treated=Y",
        sdtm="CV[RESIDINF]",
    )
    outflow_treated = CodeItem(
        T("Below-knee outflow treated", "同期处理膝下流出道"), NY, "R!", sdtm="PR.PROCCUR"
    )
    other_limb_treated = CodeItem(
        T("Other limb treated this session", "同期处理对侧肢体"),
        NY,
        "R",
        soft=Unusual("Y"),
        sdtm="PR.PROCCUR",
    )
    staged_planned = CodeItem(
        T("Staged procedure planned", "是否计划分期手术"), NY, "R!", soft=Unusual("Y"), sdtm="SUPPPR[STAGEPL]"
    )
    staged_target = CodeItem(
        T("Plan concerns the target lesion", "分期是否涉及靶病变"),
        NY,
        "C",
        soft=Unusual("Y"),
        show_if="staged_planned=Y",
        sdtm="SUPPPR[STAGETL]",
    )
    contrast_ml = IntItem(
        T("Contrast volume", "造影剂用量"),
        "R",
        unit="mL",
        hard=Range(0, 1000),
        soft=Range(20, 300),
        sdtm="AG.AGDOSE",
    )
    contrast_agent = TextItem(T("Contrast agent", "造影剂名称"), 60, "R", sdtm="AG.AGTRT")
    fluoro_min = DecItem(
        T("Fluoroscopy time", "透视时间"),
        5,
        1,
        "R",
        unit="min",
        hard=Range(0, 400),
        soft=Range(3, 90),
        sdtm="SUPPPR[FLUORO]",
    )
    dap_gycm2 = DecItem(
        T("Dose-area product", "剂量面积乘积"),
        7,
        2,
        "O",
        unit="Gy.cm2",
        hard=Range(0, 5000),
        soft=Range(1, 600),
        sdtm="SUPPPR[DAP]",
    )
    air_kerma_mgy = IntItem(
        T("Air kerma", "空气比释动能"),
        "O",
        unit="mGy",
        hard=Range(0, 30000),
        soft=Range(5, 5000),
        sdtm="SUPPPR[AIRKERMA]",
    )
    proc_complication = MultiCodeItem(
        T("Procedure complications", "手术并发症"), PCOMPL, "R!", exclusive=("NONE",), sdtm="FA[PCOMPL]"
    )
    embolic_protection = CodeItem(T("Distal protection used", "远端保护装置"), NY, "R", sdtm="DX.DXOCCUR")
    technical_success = Derived(
        T("Technical success", "技术成功"),
        across.technical_success,
        reads_dossier=True,
        codelist=NY,
        soft=Unusual("N"),
        sdtm="FA[TECHSUCC]",
    )
    proc_success = Derived(
        T("Procedural success", "手术成功"),
        across.procedural_success,
        reads_dossier=True,
        codelist=NY,
        sdtm="FA[PROCSUCC]",
    )

    layout = (
        Section(T("Plan", "计划"), ("planned_cohort", "planned_dt", "plan_reason")),
        Section(
            T("Procedure", "手术"),
            ("proc_date", "proc_start", "proc_end", "study_dev_introduced", "study_dev_dt"),
        ),
        Section(
            T("Access", "入路"),
            ("operator", "anaesthesia", "access_site", "sheath_f", "closure", "heparin_iu"),
        ),
        Section(
            T("Inflow, outflow and other limb", "流入道、流出道与对侧肢体"),
            ("inflow_treated", "inflow_resid_pct", "outflow_treated", "other_limb_treated"),
        ),
        Section(T("Staging", "分期"), ("staged_planned", "staged_target")),
        Section(
            T("Contrast and radiation", "造影剂与辐射"),
            ("contrast_ml", "contrast_agent", "fluoro_min", "dap_gycm2", "air_kerma_mgy"),
        ),
        Section(
            T("Outcome", "结果"),
            ("proc_complication", "embolic_protection", "technical_success", "proc_success"),
        ),
    )

    contradictions = (
        Contradiction(
            "PR.proc_start",
            ("proc_start", "proc_date"),
            lambda v: local_day(v["proc_start"]) != v["proc_date"],
            T("The procedure must start on its date.", "手术开始时间须在手术日期当天。"),
            cells=("proc_start: date = proc_date",),
        ),
        Contradiction(
            "PR.proc_end",
            ("proc_end", "proc_start"),
            lambda v: not ONE_MINUTE <= v["proc_end"] - v["proc_start"] <= ONE_DAY,
            T(
                "The procedure must end after its start, within 24 hours.",
                "手术结束须晚于开始,且不超过24小时。",
            ),
            cells=("proc_end: > proc_start", "proc_end: ≤ 24 h"),
        ),
        Contradiction(
            "PR.study_dev_dt",
            ("study_dev_dt", "proc_start", "proc_end"),
            lambda v: not v["proc_start"] <= v["study_dev_dt"] <= v["proc_end"],
            T(
                "The first study device must be introduced between start and end.",
                "首个研究器械进入体内时间须在手术开始与结束之间。",
            ),
            cells=("study_dev_dt: between proc_start and proc_end",),
        ),
    )

    warnings = (
        Contradiction(
            "EC-038",
            ("planned_dt", "study_dev_dt"),
            lambda v: v["planned_dt"] > v["study_dev_dt"],
            T(
                "Cohort recorded after the first study device: major deviation created.",
                "分组记录晚于首个研究器械使用,已生成重大方案偏离。",
            ),
            cells=("planned_dt: > study_dev_dt (EC-038)",),
        ),
        Contradiction(
            "PR.proc_end.long",
            ("proc_end", "proc_start"),
            lambda v: v["proc_end"] - v["proc_start"] > SIX_HOURS,
            T("The procedure took more than 6 hours.", "手术时间超过6小时。"),
            cells=("proc_end: > 6 h",),
        ),
    )

    class Meta(Crf.Meta):
        db_table = "crf_pr"
