"""CEC: Clinical events adjudication."""

from protocol.codelists import AEREL, BARC, CECSTAT, CECTYPE, DTHCAT, MITYPE, NY, NYU
from protocol.words import T
from visits.crfs.base import Contradiction, Crf, Section
from visits.items import CodeItem, DateItem, RefItem, TextItem

FIRST_DONE = ("R1", "R2", "DIS", "FIN")
SECOND_DONE = ("R2", "DIS", "FIN")


class Adjudication(Crf):
    """One adjudication: two blinded reviews and the final decision. Seen by the committee alone."""

    form = "CEC"
    title = T("Clinical events adjudication", "临床事件裁定")
    repeating = True
    blinded = True

    cec_type = CodeItem(T("Event type", "事件类型"), CECTYPE, "R!", sdtm="FA.FACAT")
    cec_source = RefItem(T("Source record", "来源记录"), "event", "R!", sdtm="RELREC")
    cec_status = CodeItem(T("Status", "状态"), CECSTAT, "R!")
    cec_r1_event = CodeItem(
        T("Reviewer 1: is an event", "评审1:是否为事件"),
        NYU,
        "O",
        show_if="cec_status<>OPEN",
        sdtm="FA[EVENTFL]",
    )
    cec_r2_event = CodeItem(
        T("Reviewer 2: is an event", "评审2:是否为事件"),
        NYU,
        "O",
        show_if="cec_status<>OPEN",
        sdtm="FA[EVENTFL]",
    )
    cec_r1_tlr = CodeItem(
        T("Reviewer 1: is TLR", "评审1:是否靶病变血运重建"),
        NYU,
        "O",
        show_if="cec_type=REV and cec_r1_event=Y",
        sdtm="FA[TLRFL]",
    )
    cec_r1_cd = CodeItem(
        T("Reviewer 1: clinically driven", "评审1:是否临床驱动"),
        NYU,
        "O",
        show_if="cec_r1_tlr=Y",
        sdtm="FA[CDFL]",
    )
    cec_r2_tlr = CodeItem(
        T("Reviewer 2: is TLR", "评审2:是否靶病变血运重建"),
        NYU,
        "O",
        show_if="cec_type=REV and cec_r2_event=Y",
        sdtm="FA[TLRFL]",
    )
    cec_r2_cd = CodeItem(
        T("Reviewer 2: clinically driven", "评审2:是否临床驱动"),
        NYU,
        "O",
        show_if="cec_r2_tlr=Y",
        sdtm="FA[CDFL]",
    )
    cec_event = CodeItem(
        T("Final: event confirmed", "最终:事件成立"), NY, "C!", show_if="cec_status=FIN", sdtm="CE.CEOCCUR"
    )
    cec_event_date = DateItem(
        T("Adjudicated date", "裁定日期(事件)"), "C!", show_if="cec_event=Y", sdtm="CE.CESTDTC"
    )
    cec_tlr = CodeItem(
        T("Is TLR (± 30 mm)", "是否靶病变血运重建"),
        NY,
        "C!",
        show_if="cec_type=REV and cec_event=Y",
        sdtm="FA[TLRFL]",
    )
    cec_cd = CodeItem(T("Clinically driven", "是否临床驱动"), NY, "C!", show_if="cec_tlr=Y", sdtm="FA[CDFL]")
    cec_tvr = CodeItem(
        T("Is TVR", "是否靶血管血运重建"), NY, "C!", show_if="cec_type=REV and cec_event=Y", sdtm="FA[TVRFL]"
    )
    cec_male = CodeItem(
        T("MALE component", "是否MALE"),
        NY,
        "C",
        show_if="cec_type in (REV,AMP,ALI) and cec_event=Y",
        sdtm="FA[MALEFL]",
    )
    cec_amp_major = CodeItem(
        T("Major amputation of target limb", "靶肢大截肢"),
        NY,
        "C",
        show_if="cec_type=AMP and cec_event=Y",
        sdtm="FA[MAJAMP]",
    )
    cec_death_cat = CodeItem(
        T("Death category", "死因分类"), DTHCAT, "C", show_if="cec_type=DTH", sdtm="DD.DDRESCAT"
    )
    cec_barc = CodeItem(
        T("BARC type", "BARC分型"), BARC, "C", show_if="cec_type=BLD and cec_event=Y", sdtm="FA[BARC]"
    )
    cec_mi_type = CodeItem(
        T("MI type", "心梗分型"), MITYPE, "C", show_if="cec_type=MI and cec_event=Y", sdtm="FA[MITYPE]"
    )
    cec_organ = CodeItem(
        T("Organ function decline confirmed", "器官功能下降成立"),
        NY,
        "C",
        show_if="cec_type=ORG and cec_event=Y",
        sdtm="FA[ORGFL]",
    )
    cec_rel_device = CodeItem(
        T("Relation to device", "与器械相关性"), AEREL, "C", show_if="cec_event=Y", sdtm="FA[RELDEV]"
    )
    cec_decision_date = DateItem(
        T("Decision date", "裁定完成日期"), "C!", show_if="cec_status=FIN", sdtm="FA.FADTC"
    )
    cec_comment = TextItem(T("Comment", "备注"), 1000, "O", sdtm="CO.COVAL")

    layout = (
        Section(T("Event under review", "待裁定事件"), ("cec_type", "cec_source", "cec_status")),
        Section(
            T("Reviews", "评审"),
            ("cec_r1_event", "cec_r2_event", "cec_r1_tlr", "cec_r1_cd", "cec_r2_tlr", "cec_r2_cd"),
        ),
        Section(
            T("Decision", "裁定"),
            (
                "cec_event",
                "cec_event_date",
                "cec_tlr",
                "cec_cd",
                "cec_tvr",
                "cec_male",
                "cec_amp_major",
                "cec_death_cat",
                "cec_barc",
                "cec_mi_type",
                "cec_organ",
                "cec_rel_device",
            ),
        ),
        Section(T("Close", "完成"), ("cec_decision_date", "cec_comment")),
    )

    contradictions = (
        Contradiction(
            "EC-123",
            ("cec_tvr", "cec_tlr"),
            lambda v: v["cec_tlr"] == "Y" and v["cec_tvr"] == "N",
            T("A TLR is always a TVR.", "TLR必为TVR。"),
            cells=("cec_tvr: Y if cec_tlr=Y",),
        ),
        Contradiction(
            "CEC.cec_status",
            ("cec_decision_date", "cec_status"),
            lambda v: v["cec_status"] == "FIN" and v["cec_decision_date"] is None,
            T("A final decision needs its date.", "最终裁定须填写裁定完成日期。"),
            cells=("cec_status: FIN requires cec_decision_date",),
            may_be_blank=("cec_decision_date",),
        ),
        Contradiction(
            "CEC.cec_r1_event",
            ("cec_r1_event", "cec_status"),
            lambda v: v["cec_status"] in FIRST_DONE and v["cec_r1_event"] is None,
            T("Review 1 is done, but this answer is missing.", "第一评审已完成,但此项未填。"),
            cells=("cec_r1_event: not blank in R1, R2, DIS, FIN",),
            may_be_blank=("cec_r1_event",),
        ),
        Contradiction(
            "CEC.cec_r1_tlr",
            ("cec_r1_tlr", "cec_status", "cec_type", "cec_r1_event"),
            lambda v: (
                v["cec_status"] in FIRST_DONE
                and v["cec_r1_tlr"] is None
                and v["cec_type"] == "REV"
                and v["cec_r1_event"] == "Y"
            ),
            T("Review 1 is done, but this answer is missing.", "第一评审已完成,但此项未填。"),
            cells=("cec_r1_tlr: not blank in R1, R2, DIS, FIN",),
            may_be_blank=("cec_r1_tlr",),
        ),
        Contradiction(
            "CEC.cec_r1_cd",
            ("cec_r1_cd", "cec_status", "cec_r1_tlr"),
            lambda v: v["cec_status"] in FIRST_DONE and v["cec_r1_cd"] is None and v["cec_r1_tlr"] == "Y",
            T("Review 1 is done, but this answer is missing.", "第一评审已完成,但此项未填。"),
            cells=("cec_r1_cd: not blank in R1, R2, DIS, FIN",),
            may_be_blank=("cec_r1_cd",),
        ),
        Contradiction(
            "CEC.cec_r2_event",
            ("cec_r2_event", "cec_status"),
            lambda v: v["cec_status"] in SECOND_DONE and v["cec_r2_event"] is None,
            T("Review 2 is done, but this answer is missing.", "第二评审已完成,但此项未填。"),
            cells=("cec_r2_event: not blank in R2, DIS, FIN",),
            may_be_blank=("cec_r2_event",),
        ),
        Contradiction(
            "CEC.cec_r2_tlr",
            ("cec_r2_tlr", "cec_status", "cec_type", "cec_r2_event"),
            lambda v: (
                v["cec_status"] in SECOND_DONE
                and v["cec_r2_tlr"] is None
                and v["cec_type"] == "REV"
                and v["cec_r2_event"] == "Y"
            ),
            T("Review 2 is done, but this answer is missing.", "第二评审已完成,但此项未填。"),
            cells=("cec_r2_tlr: not blank in R2, DIS, FIN",),
            may_be_blank=("cec_r2_tlr",),
        ),
        Contradiction(
            "CEC.cec_r2_cd",
            ("cec_r2_cd", "cec_status", "cec_r2_tlr"),
            lambda v: v["cec_status"] in SECOND_DONE and v["cec_r2_cd"] is None and v["cec_r2_tlr"] == "Y",
            T("Review 2 is done, but this answer is missing.", "第二评审已完成,但此项未填。"),
            cells=("cec_r2_cd: not blank in R2, DIS, FIN",),
            may_be_blank=("cec_r2_cd",),
        ),
    )

    class Meta(Crf.Meta):
        db_table = "crf_cec"
