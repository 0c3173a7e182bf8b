"""LB: Laboratory."""

from protocol.codelists import LBTEST, NY
from protocol.laboratory import ANALYTES, ULN_NEEDED, within
from protocol.words import T
from visits.crfs.base import Contradiction, Crf, Section
from visits.items import CodeItem, DateTimeItem, DecItem, Range, TextItem


class Laboratory(Crf):
    """One laboratory result; the rows of one blood sample are entered together."""

    form = "LB"
    title = T("Laboratory", "实验室检查")
    repeating = True

    lb_dt = DateTimeItem(T("Collection date/time", "采样日期时间"), "R!", sdtm="LB.LBDTC")
    lb_test = CodeItem(T("Analyte", "检验项目"), LBTEST, "R!", sdtm="LB.LBTESTCD")
    lb_value = DecItem(T("Result", "结果"), 9, 3, "R", sdtm="LB.LBORRES")
    lb_qualifier = TextItem(
        T("Below/above limit sign", "检测限符号"), 2, "O", one_of=("<", ">"), sdtm="LB.LBORRES"
    )
    lb_unit = TextItem(T("Unit", "单位"), 15, "R!", screened=False, sdtm="LB.LBORRESU")
    lb_lln = DecItem(T("Lower limit of normal", "正常下限"), 9, 3, "O", hard=Range(0), sdtm="LB.LBORNRLO")
    lb_uln = DecItem(
        T("Upper limit of normal", "正常上限"), 9, 3, "O", hard=Range(above=0), sdtm="LB.LBORNRHI"
    )
    lb_clin_sig = CodeItem(
        T("Clinically significant", "是否有临床意义"),
        NY,
        "C",
        show_if="lb_value outside lb_lln–lb_uln",
        sdtm="LB.LBCLSIG",
    )

    layout = (
        Section(
            T("Result", "检验结果"),
            ("lb_dt", "lb_test", "lb_value", "lb_qualifier", "lb_unit", "lb_lln", "lb_uln", "lb_clin_sig"),
        ),
    )

    contradictions = (
        Contradiction(
            "LB.lb_value",
            ("lb_value", "lb_test"),
            lambda v: not within(v["lb_value"], ANALYTES[v["lb_test"]].hard),
            T("The result lies outside what is possible for this analyte.", "结果超出该项目的可能范围。"),
            cells=("lb_value: see list",),
        ),
        Contradiction(
            "LB.lb_unit",
            ("lb_unit", "lb_test"),
            lambda v: v["lb_unit"] != ANALYTES[v["lb_test"]].unit,
            T("Each analyte is recorded in its own fixed unit.", "每个项目须使用其固定单位。"),
            cells=("lb_unit: fixed per analyte",),
        ),
    )
    warnings = (
        Contradiction(
            "LB.lb_value.usual",
            ("lb_value", "lb_test"),
            lambda v: not within(v["lb_value"], ANALYTES[v["lb_test"]].usual),
            T("Unusual result: please confirm.", "结果异常,请确认。"),
            cells=("lb_value: see list",),
        ),
        Contradiction(
            "LB.lb_value.uln",
            ("lb_value", "lb_uln", "lb_test"),
            lambda v: ANALYTES[v["lb_test"]].asks_above_uln and v["lb_value"] > v["lb_uln"],
            T("Above the upper limit of normal: please confirm.", "高于正常上限,请确认。"),
        ),
        Contradiction(
            "LB.lb_uln",
            ("lb_uln", "lb_test"),
            lambda v: v["lb_test"] in ULN_NEEDED and v["lb_uln"] is None,
            T("Upper limit of normal needed for this analyte.", "该项目需填写正常上限。"),
            cells=("lb_uln: blank for TROPONIN, CKMB, ALT, AST",),
            may_be_blank=("lb_uln",),
        ),
    )

    class Meta(Crf.Meta):
        db_table = "crf_lb"
