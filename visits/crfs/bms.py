"""BMS: Provisional bare-metal stent."""

from protocol.codelists import BMSREAS, DEVOUT, NY
from protocol.words import T
from visits.crfs.base import Crf, Section
from visits.crfs.label_rules import label_warnings
from visits.items import CodeItem, DateItem, DecItem, Derived, IntItem, Range, RefItem, TextItem, Unusual


class BareMetalStent(Crf):
    """One bare-metal stent, used where a balloon or stent of the plan was not enough."""

    form = "BMS"
    title = T("Provisional bare-metal stent", "补救性裸支架")
    repeating = True

    bms_no = Derived(T("Stent number", "支架编号"), identity=True, sdtm="DI.SPDEVID")
    bms_lesion = RefItem(T("Lesion", "病变编号"), "lesion", "R!", sdtm="DX.DXLNKID")
    bms_reason = CodeItem(T("Reason", "植入原因"), BMSREAS, "R!", soft=Unusual("OTH"), sdtm="SUPPDX[REASON]")
    bms_product = RefItem(T("Product", "产品"), "product", "R!", product_kind="BMS", sdtm="DI[TRADENAM]")
    bms_udi = TextItem(T("UDI", "医疗器械唯一标识"), 120, "R", screened=False, sdtm="DI[UDI]")
    bms_lot = TextItem(T("Lot number", "批号"), 30, "R", screened=False, sdtm="DI[LOT]")
    bms_expiry = DateItem(T("Expiry date", "有效期"), "O", future_ok=True, sdtm="DI[EXPDTC]")
    bms_diam_mm = DecItem(
        T("Diameter", "直径"), 3, 1, "R!", unit="mm", hard=Range(3, 12), soft=Range(5, 8), sdtm="DO[DIAMETER]"
    )
    bms_len_mm = IntItem(
        T("Length", "长度"), "R!", unit="mm", hard=Range(10, 300), soft=Range(20, 200), sdtm="DO[LENGTH]"
    )
    bms_outcome = CodeItem(
        T("Device outcome", "器械使用结果"),
        DEVOUT,
        "R!",
        soft=Unusual("PART", "FDEL", "FDPL", "OPEN"),
        sdtm="DT.DTDECOD",
    )
    bms_deficiency = CodeItem(
        T("Device deficiency suspected", "是否怀疑器械缺陷"), NY, "R!", soft=Unusual("Y")
    )

    layout = (
        Section(T("Stent", "支架"), ("bms_no", "bms_lesion", "bms_reason")),
        Section(T("Label", "标签信息"), ("bms_product", "bms_udi", "bms_lot", "bms_expiry")),
        Section(T("Size", "规格"), ("bms_diam_mm", "bms_len_mm")),
        Section(T("Outcome", "结果"), ("bms_outcome", "bms_deficiency")),
    )

    warnings = label_warnings("bms")

    class Meta(Crf.Meta):
        db_table = "crf_bms"
