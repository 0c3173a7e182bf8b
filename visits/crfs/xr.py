"""XR: Stent X-ray / fracture."""

from protocol.codelists import FRACT, NY, READER, SEG
from protocol.words import T
from visits.crfs.base import Crf, Section
from visits.items import CodeItem, DateItem, IntItem, Range, RefItem, Unusual


class StentXray(Crf):
    """One stent on one X-ray, as one reader saw it."""

    form = "XR"
    title = T("Stent X-ray / fracture", "支架X线")
    repeating = True

    xr_date = DateItem(T("X-ray date", "摄片日期"), "R!", sdtm="DU.DUDTC")
    xr_stent = RefItem(T("Stent (DES, BMS or prior stent)", "支架编号"), "stent", "R!", sdtm="DU.SPDEVID")
    xr_reader = CodeItem(T("Reader", "判读方"), READER, "R!", sdtm="DU.DUEVAL")
    xr_views = IntItem(
        T("Number of projections", "投照体位数"), "R", hard=Range(1, 6), soft=Range(2), sdtm="DU[NVIEWS]"
    )
    xr_fracture = CodeItem(
        T("Fracture type", "断裂类型"), FRACT, "R!", soft=Unusual("9"), sdtm="DU[FRACTYPE]"
    )
    xr_distinct = CodeItem(
        T("New stent distinguishable from old", "新旧支架可区分"),
        NY,
        "C",
        soft=Unusual("N"),
        show_if="xr_stent is DES or BMS",
        sdtm="DU[DISTINCT]",
    )
    xr_segment = CodeItem(
        T("Location of fracture", "断裂部位"), SEG, "C", show_if="xr_fracture in (1,2,3,4,5)", sdtm="DU.DULOC"
    )

    layout = (
        Section(T("X-ray", "X线检查"), ("xr_date", "xr_stent", "xr_reader", "xr_views")),
        Section(T("Fracture", "断裂"), ("xr_fracture", "xr_distinct", "xr_segment")),
    )

    class Meta(Crf.Meta):
        db_table = "crf_xr"
