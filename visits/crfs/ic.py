"""IC: Screening & informed consent."""

from protocol.codelists import NY
from protocol.words import T
from visits.crfs.base import Contradiction, Crf, Section
from visits.items import CodeItem, DateItem, DateTimeItem, Derived, RefItem, TextItem, Unusual, local_day


class Consent(Crf):
    """Screening and informed consent; saving it makes the subject."""

    form = "IC"
    title = T("Screening & informed consent", "筛选与知情同意")

    screening_no = Derived(
        T("Screening number", "筛选号"),
        lambda values, dossier: dossier.subject.screening_no,
        reads_dossier=True,
        sdtm="SUPPDM[SCRNO]",
    )
    screening_date = DateItem(T("Screening date", "筛选日期"), "R!", sdtm="SV.SVSTDTC")
    consent_obtained = CodeItem(
        T("Written informed consent obtained", "是否签署书面知情同意书"),
        NY,
        "R!",
        soft=Unusual("N"),
        sdtm="DS.DSDECOD",
    )
    consent_dt = DateTimeItem(
        T("Date and time of consent", "知情同意签署日期时间"),
        "C!",
        show_if="consent_obtained=Y",
        sdtm="DM.RFICDTC",
    )
    consent_version = TextItem(
        T("Consent form version", "知情同意书版本号"),
        20,
        "C",
        show_if="consent_obtained=Y",
        sdtm="SUPPDS[ICVER]",
    )
    consent_witness = CodeItem(
        T("Impartial witness used", "是否有公正见证人"),
        NY,
        "C",
        show_if="consent_obtained=Y",
        sdtm="SUPPDS[ICWIT]",
    )
    consent_copy = CodeItem(
        T("Copy given to subject", "是否给予受试者副本"),
        NY,
        "C",
        soft=Unusual("N"),
        show_if="consent_obtained=Y",
        sdtm="SUPPDS[ICCOPY]",
    )
    consent_privacy = CodeItem(
        T("Separate consent to process sensitive personal information", "是否单独同意处理敏感个人信息"),
        NY,
        "C!",
        soft=Unusual("N"),
        show_if="consent_obtained=Y",
        sdtm="SUPPDS[ICPRIV]",
    )
    consent_by = RefItem(
        T("Person obtaining consent", "执行知情同意人员"), "person", "C", show_if="consent_obtained=Y"
    )
    prior_participation = CodeItem(
        T("Already enrolled in this study (study device used)", "既往是否已入组本研究(已使用研究器械)"),
        NY,
        "R!",
        soft=Unusual("Y"),
    )
    rescreen_of = RefItem(
        T("Re-screening: earlier screening number", "重新筛选:既往筛选号"),
        "subject",
        "O",
        sdtm="SUPPDM[RESCROF]",
    )
    other_trial = CodeItem(
        T("In another interventional trial", "是否参加其他干预性研究"),
        NY,
        "R",
        soft=Unusual("Y"),
        sdtm="SUPPDM[OTHTRIAL]",
    )

    layout = (
        Section(T("Screening", "筛选"), ("screening_no", "screening_date")),
        Section(
            T("Consent", "知情同意"),
            (
                "consent_obtained",
                "consent_dt",
                "consent_version",
                "consent_witness",
                "consent_copy",
                "consent_privacy",
                "consent_by",
            ),
        ),
        Section(
            T("Earlier participation", "既往参与情况"), ("prior_participation", "rescreen_of", "other_trial")
        ),
    )

    warnings = (
        Contradiction(
            "IC.consent_dt",
            ("consent_dt", "screening_date"),
            lambda v: (local_day(v["consent_dt"]) - v["screening_date"]).days > 30,
            T("Consent more than 30 days after screening.", "知情同意晚于筛选30天以上。"),
            cells=("consent_dt: > screening_date + 30 d",),
        ),
    )

    class Meta(Crf.Meta):
        db_table = "crf_ic"
