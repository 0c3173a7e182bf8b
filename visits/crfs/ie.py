"""IE: Eligibility."""

from protocol import eligibility
from protocol.codelists import IENA, IEOUT, NY, SFREAS
from protocol.words import T
from visits.crfs.base import Contradiction, Crf, Section, Values
from visits.items import CodeItem, DateItem, RefItem, TextItem

CRITERIA = tuple(criterion.id for criterion in eligibility.CRITERIA)


def _unmet(v: Values) -> bool:
    """Say whether a criterion forbids the subject's entry."""
    return any(v.get(name) == ("N" if name.startswith("inc") else "Y") for name in CRITERIA)


class Eligibility(Crf):
    """Eligibility, criterion by criterion: opened at screening, completed after the index angiogram."""

    form = "IE"
    title = T("Eligibility", "入选与排除标准")

    inc01 = CodeItem(
        T("I1 Age > 18 years", "年龄>18岁"), NY, "C!", required_if="elig_outcome=ELIG", sdtm="IE[INCL01]"
    )
    inc02 = CodeItem(
        T("I2 Willing and able to consent", "自愿并能够签署知情同意"),
        NY,
        "C!",
        required_if="elig_outcome=ELIG",
        sdtm="IE[INCL02]",
    )
    inc03 = CodeItem(
        T("I3 Rutherford category 2–5", "Rutherford分级2-5级"),
        NY,
        "C!",
        required_if="elig_outcome=ELIG",
        sdtm="IE[INCL03]",
    )
    inc04 = CodeItem(
        T(
            "I4 ≥ 50 % stenosis or occlusion of an SFA stent > 30 d old, within the allowed segment",
            "股浅动脉支架(植入>30天)内狭窄≥50%和/或闭塞,位置符合要求",
        ),
        NY,
        "C!",
        required_if="elig_outcome=ELIG",
        sdtm="IE[INCL04]",
    )
    inc05 = CodeItem(
        T("I5 Lesion within stent or ≤ 3 cm beyond", "病变位于支架内或超出支架≤3cm"),
        NY,
        "C!",
        required_if="elig_outcome=ELIG",
        sdtm="IE[INCL05]",
    )
    inc06 = CodeItem(
        T("I6 Planned DCB or DES", "计划采用DCB或DES"),
        NY,
        "C!",
        required_if="elig_outcome=ELIG",
        sdtm="IE[INCL06]",
    )
    inc07 = CodeItem(
        T("I7 Total lesion length ≤ 30 cm", "病变总长度≤30cm"),
        NY,
        "C!",
        required_if="elig_outcome=ELIG",
        sdtm="IE[INCL07]",
    )
    inc08 = CodeItem(
        T("I8 ≥ 1 patent runoff vessel", "膝下至少1支流出道通畅"),
        NY,
        "C!",
        required_if="elig_outcome=ELIG",
        sdtm="IE[INCL08]",
    )
    inc09 = CodeItem(
        T("I9 Committed to follow-up", "承诺完成随访"),
        NY,
        "C!",
        required_if="elig_outcome=ELIG",
        sdtm="IE[INCL09]",
    )
    exc01 = CodeItem(
        T("E1 Pregnancy or lactation", "妊娠或哺乳"),
        IENA,
        "C!",
        required_if="elig_outcome=ELIG",
        sdtm="IE[EXCL01]",
    )
    exc02 = CodeItem(
        T("E2 Rutherford 0 or 6", "Rutherford 0级或6级"),
        NY,
        "C!",
        required_if="elig_outcome=ELIG",
        sdtm="IE[EXCL02]",
    )
    exc03 = CodeItem(
        T("E3 Severe calcification precluding PTA", "严重钙化无法行PTA"),
        NY,
        "C!",
        required_if="elig_outcome=ELIG",
        sdtm="IE[EXCL03]",
    )
    exc04 = CodeItem(
        T("E4 Acute ischaemia or thrombosis", "靶肢急性缺血或急性血栓"),
        NY,
        "C!",
        required_if="elig_outcome=ELIG",
        sdtm="IE[EXCL04]",
    )
    exc05 = CodeItem(
        T("E5 Untreated significant aorto-iliac stenosis", "未处理的主髂动脉显著狭窄"),
        NY,
        "C!",
        required_if="elig_outcome=ELIG",
        sdtm="IE[EXCL05]",
    )
    exc06 = CodeItem(
        T("E6 Stenosis < 50 %", "靶病变狭窄<50%"),
        NY,
        "C!",
        required_if="elig_outcome=ELIG",
        sdtm="IE[EXCL06]",
    )
    exc07 = CodeItem(
        T("E7 Lesion length > 30 cm", "靶病变长度>30cm"),
        NY,
        "C!",
        required_if="elig_outcome=ELIG",
        sdtm="IE[EXCL07]",
    )
    exc08 = CodeItem(
        T("E8 CVA within 60 days", "60天内脑血管意外"),
        NY,
        "C!",
        required_if="elig_outcome=ELIG",
        sdtm="IE[EXCL08]",
    )
    exc09 = CodeItem(
        T("E9 Contraindication to antithrombotic or thrombolytic therapy", "抗血小板/抗凝/溶栓治疗禁忌"),
        NY,
        "C!",
        required_if="elig_outcome=ELIG",
        sdtm="IE[EXCL09]",
    )
    exc10 = CodeItem(
        T("E10 Unable or unwilling to consent", "不能或不愿签署知情同意"),
        NY,
        "C!",
        required_if="elig_outcome=ELIG",
        sdtm="IE[EXCL10]",
    )
    exc11 = CodeItem(
        T("E11 Life expectancy < 2 y or follow-up unlikely", "预期寿命<2年或难以随访"),
        NY,
        "C!",
        required_if="elig_outcome=ELIG",
        sdtm="IE[EXCL11]",
    )
    elig_outcome = CodeItem(T("Eligibility conclusion", "入组结论"), IEOUT, "R!", sdtm="DS.DSDECOD")
    elig_date = DateItem(T("Date of eligibility decision", "入组资格判定日期"), "R!", sdtm="DS.DSSTDTC")
    elig_confirmed_by = RefItem(T("Investigator", "确认研究者"), "person", "R!")
    sf_reason_cd = CodeItem(
        T("Screen-failure reason", "筛选失败原因"),
        SFREAS,
        "C!",
        required_if="elig_outcome=SF",
        sdtm="DS.DSDECOD",
    )
    sf_reason = TextItem(
        T("Screen-failure detail", "筛选失败说明"),
        200,
        "C!",
        required_if="sf_reason_cd in (NODEV,OTH)",
        sdtm="DS.DSTERM",
    )

    layout = (
        Section(
            T("Criteria assessable at screening", "筛选期可判定的标准"),
            (
                "inc01",
                "inc02",
                "inc03",
                "inc06",
                "inc09",
                "exc01",
                "exc02",
                "exc08",
                "exc09",
                "exc10",
                "exc11",
            ),
        ),
        Section(
            T("Criteria confirmed on the index angiogram", "经研究手术造影确认的标准"),
            ("inc04", "inc05", "inc07", "inc08", "exc03", "exc04", "exc05", "exc06", "exc07"),
        ),
        Section(
            T("Conclusion", "结论"),
            ("elig_outcome", "elig_date", "elig_confirmed_by", "sf_reason_cd", "sf_reason"),
        ),
    )

    contradictions = (
        Contradiction(
            "EC-021",
            ("inc03", "exc02"),
            lambda v: v["inc03"] == v["exc02"] == "Y",
            T("I3 and E2 contradict each other.", "入选标准3与排除标准2矛盾。"),
        ),
        Contradiction(
            "EC-022",
            ("inc04", "exc06"),
            lambda v: v["inc04"] == v["exc06"] == "Y",
            T("I4 and E6 contradict each other.", "入选标准4与排除标准6矛盾。"),
        ),
        Contradiction(
            "EC-023",
            ("inc07", "exc07"),
            lambda v: v["inc07"] == v["exc07"],
            T("I7 and E7 must be opposite.", "入选标准7与排除标准7应相反。"),
        ),
        Contradiction(
            "EC-024",
            ("inc02", "exc10"),
            lambda v: v["inc02"] == v["exc10"],
            T("I2 and E10 must be opposite.", "入选标准2与排除标准10应相反。"),
        ),
        Contradiction(
            "EC-025",
            ("elig_outcome", *CRITERIA),
            lambda v: v["elig_outcome"] == "ELIG" and _unmet(v),
            T("Eligible outcome with an unmet criterion.", "存在不符合标准项,不能判定为符合入组。"),
            may_be_blank=CRITERIA,
        ),
        Contradiction(
            "EC-026",
            ("elig_outcome", "sf_reason_cd", *CRITERIA),
            lambda v: (v["elig_outcome"], v["sf_reason_cd"]) == ("SF", "IE") and not _unmet(v),
            T(
                "Screen failure for an unmet criterion, but no criterion is unmet.",
                "因不符合标准而筛选失败,但未标明不符合的标准。",
            ),
            may_be_blank=CRITERIA,
        ),
    )

    class Meta(Crf.Meta):
        db_table = "crf_ie"
