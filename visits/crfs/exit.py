"""EXIT: Study exit."""

from protocol.codelists import EXITREAS, NY, VITAL
from protocol.words import T
from visits.crfs.base import Contradiction, Crf, Section
from visits.items import CodeItem, DateItem, IntItem, Range, Unusual


class StudyExit(Crf):
    """The end of the study for one subject."""

    form = "EXIT"
    title = T("Study exit", "研究退出/完成")

    exit_date = DateItem(T("Exit date", "退出/完成日期"), "R!", sdtm="DS.DSSTDTC")
    exit_reason = CodeItem(T("Reason", "原因"), EXITREAS, "R!", sdtm="DS.DSDECOD")
    last_contact_date = DateItem(
        T("Last date subject known alive and event status known", "最后一次确认状态日期"),
        "R!",
        sdtm="DM.RFPENDTC",
    )
    contact_attempts = IntItem(
        T("Contact attempts (LTFU)", "联系次数"),
        "C",
        hard=Range(0, 50),
        soft=Range(3),
        show_if="exit_reason=LTFU",
        sdtm="SUPPDS[ATTEMPTS]",
    )
    wd_vital_ok = CodeItem(
        T("Vital status from records permitted", "是否允许查询生存状态"),
        NY,
        "C!",
        show_if="exit_reason=WD",
        sdtm="SUPPDS[VSPERM]",
    )
    vital_check_date = DateItem(T("Last vital-status check", "最近生存状态核实日期"), "O", sdtm="SS.SSDTC")
    vital_check_result = CodeItem(
        T("Result", "核实结果"),
        VITAL,
        "C",
        soft=Unusual("U"),
        show_if="vital_check_date present",
        sdtm="SS[SURVSTAT]",
    )
    all_events_entered = CodeItem(
        T("All events entered and queries closed", "全部事件已录入且质疑已关闭"), NY, "R!", soft=Unusual("N")
    )

    layout = (
        Section(T("Exit", "退出"), ("exit_date", "exit_reason", "last_contact_date")),
        Section(
            T("After the exit", "退出之后"),
            (
                "contact_attempts",
                "wd_vital_ok",
                "vital_check_date",
                "vital_check_result",
                "all_events_entered",
            ),
        ),
    )

    contradictions = (
        Contradiction(
            "EC-120",
            ("last_contact_date", "exit_date"),
            lambda v: v["last_contact_date"] > v["exit_date"],
            T("Last contact after exit date.", "最后联系日期晚于退出日期。"),
            cells=("last_contact_date: ≤ exit_date",),
        ),
    )

    warnings = (
        Contradiction(
            "EC-119",
            ("contact_attempts", "exit_reason"),
            lambda v: v["exit_reason"] == "LTFU" and v["contact_attempts"] < 3,
            T("Fewer than 3 contact attempts before loss to follow-up.", "失访前联系次数少于3次。"),
            cells=("exit_reason: LTFU without 3 contact attempts",),
            limit_of=("contact_attempts",),
        ),
        Contradiction(
            "EXIT.last_contact_date",
            ("last_contact_date", "exit_date"),
            lambda v: (v["exit_date"] - v["last_contact_date"]).days > 60,
            T("Last contact more than 60 days before the exit date.", "最后联系日期早于退出日期60天以上。"),
            cells=("last_contact_date: > 60 d before exit_date",),
        ),
    )

    class Meta(Crf.Meta):
        db_table = "crf_exit"
