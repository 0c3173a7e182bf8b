"""DM: Demographics."""

from protocol.clinical import body_mass_index
from protocol.codelists import CHILDB, ETHCN, NY, PREG, SEX
from protocol.words import T
from visits.crfs.base import Contradiction, Crf, Section
from visits.items import CodeItem, DateItem, DecItem, Derived, IntItem, PartialDateItem, Range, Unusual


class Demographics(Crf):
    """Demographics at consent; the day of birth is never collected."""

    form = "DM"
    title = T("Demographics", "人口学资料")

    birth_ym = PartialDateItem(
        T("Year and month of birth (the day is never collected)", "出生年月(不采集日)"),
        "R!",
        precision="month",
        sdtm="DM.BRTHDTC (not exported by default)",
    )
    age = IntItem(
        T("Age at consent (completed years, from the identity document)", "签署知情同意时年龄(周岁)"),
        "R!",
        unit="years",
        hard=Range(0, 120),
        soft=Range(40, 90),
        sdtm="DM.AGE",
    )
    consent_on_bday = CodeItem(
        T("Consent signed on the 18th birthday", "是否在18周岁生日当天签署知情同意"),
        NY,
        "C!",
        soft=Unusual("Y"),
        show_if="age=18",
    )
    sex = CodeItem(T("Sex", "性别"), SEX, "R!", sdtm="DM.SEX")
    ethnic_cn = CodeItem(T("Ethnic group", "民族"), ETHCN, "R", sdtm="SUPPDM[ETHCN]")
    height_cm = DecItem(
        T("Height", "身高"),
        4,
        1,
        "R",
        unit="cm",
        hard=Range(100, 220),
        soft=Range(140, 195),
        sdtm="VS[HEIGHT]",
    )
    weight_kg = DecItem(
        T("Weight", "体重"), 4, 1, "R", unit="kg", hard=Range(20, 250), soft=Range(40, 120), sdtm="VS[WEIGHT]"
    )
    bmi = Derived(
        T("Body mass index", "体重指数"),
        lambda v, dossier: body_mass_index(v.get("height_cm"), v.get("weight_kg")),
        unit="kg/m2",
        soft=Range(15, 40),
        sdtm="VS[BMI]",
    )
    childbearing = CodeItem(
        T("Childbearing potential", "生育能力"), CHILDB, "C", show_if="sex=F", sdtm="RP[CHILDPOT]"
    )
    pregnancy_test = CodeItem(
        T("Pregnancy test result", "妊娠试验结果"),
        PREG,
        "C",
        soft=Unusual("ND"),
        show_if="childbearing=CBP",
        sdtm="LB[HCG]",
    )
    pregnancy_test_date = DateItem(
        T("Pregnancy test date", "妊娠试验日期"), "C", show_if="pregnancy_test in (NEG,POS)", sdtm="LB.LBDTC"
    )
    lactating = CodeItem(T("Lactating", "是否哺乳期"), NY, "C", show_if="sex=F", sdtm="RP[SCBFCIND]")

    layout = (
        Section(T("Person", "个人信息"), ("birth_ym", "age", "consent_on_bday", "sex", "ethnic_cn")),
        Section(T("Body", "体格"), ("height_cm", "weight_kg", "bmi")),
        Section(
            T("Pregnancy", "妊娠相关"), ("childbearing", "pregnancy_test", "pregnancy_test_date", "lactating")
        ),
    )

    warnings = (
        Contradiction(
            "EC-002",
            ("consent_on_bday", "age"),
            lambda v: v["age"] == 18 and v["consent_on_bday"] == "Y",
            T(
                'Consent on the 18th birthday: confirm "> 18 years".',
                '知情同意日期为18岁生日,请确认是否满足"年龄>18岁"。',
            ),
            limit_of=("consent_on_bday",),
        ),
        Contradiction(
            "EC-008",
            ("bmi",),
            lambda v: not 15 <= v["bmi"] <= 40,
            T("BMI outside 15–40: check height and weight.", "BMI超出15-40,请核对身高体重。"),
            limit_of=("bmi",),
        ),
        Contradiction(
            "EC-009",
            ("pregnancy_test", "sex", "childbearing"),
            lambda v: v["sex"] == "F" and v["childbearing"] == "CBP" and v["pregnancy_test"] in (None, "ND"),
            T(
                "Pregnancy test missing in a woman of childbearing potential.",
                "有生育能力女性缺少妊娠试验结果。",
            ),
            may_be_blank=("pregnancy_test",),
            limit_of=("pregnancy_test",),
        ),
    )

    class Meta(Crf.Meta):
        db_table = "crf_dm"
