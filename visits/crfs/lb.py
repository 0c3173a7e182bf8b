"""LB: Laboratory."""

from protocol.codelists import LBTEST, NY
from protocol.words import T
from visits.crfs.base import Crf, Section
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
    lb_unit = TextItem(T("Unit", "单位"), 15, "R!", sdtm="LB.LBORRESU")
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

    class Meta(Crf.Meta):
        db_table = "crf_lb"
