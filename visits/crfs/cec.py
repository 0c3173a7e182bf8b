"""CEC: Clinical events adjudication."""

from protocol.codelists import AEREL, BARC, CECSTAT, CECTYPE, DTHCAT, MITYPE, NY, NYU
from protocol.words import T
from visits.crfs.base import Crf, Section
from visits.items import CodeItem, DateItem, RefItem, TextItem


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

    class Meta(Crf.Meta):
        db_table = "crf_cec"
