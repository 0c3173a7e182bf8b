"""DCB: Drug-coated balloon use."""

from protocol.clinical import drug_amount_mg
from protocol.codelists import DEVOUT, NY
from protocol.words import T
from visits.crfs.base import Contradiction, Crf, Section
from visits.crfs.label_rules import label_warnings
from visits.items import CodeItem, DateItem, DecItem, Derived, IntItem, Range, RefItem, TextItem, Unusual


class DrugCoatedBalloon(Crf):
    """One drug-coated balloon that was opened."""

    form = "DCB"
    title = T("Drug-coated balloon use", "药物涂层球囊使用")
    repeating = True

    dcb_no = Derived(T("Balloon number", "球囊编号"), identity=True, sdtm="DI.SPDEVID")
    dcb_lesion = RefItem(T("Lesion", "病变编号"), "lesion", "R!", sdtm="DX.DXLNKID")
    dcb_product = RefItem(
        T("Product (device catalogue)", "产品(器械目录)"),
        "product",
        "R!",
        product_kind="DCB",
        sdtm="DI[TRADENAM]",
    )
    dcb_udi = TextItem(T("UDI", "医疗器械唯一标识"), 120, "R", screened=False, sdtm="DI[UDI]")
    dcb_lot = TextItem(T("Lot number", "批号"), 30, "R", screened=False, sdtm="DI[LOT]")
    dcb_expiry = DateItem(T("Expiry date", "有效期"), "R", future_ok=True, sdtm="DI[EXPDTC]")
    dcb_diam_mm = DecItem(
        T("Diameter", "直径"), 3, 1, "R!", unit="mm", hard=Range(2, 12), soft=Range(4, 7), sdtm="DO[DIAMETER]"
    )
    dcb_len_mm = IntItem(
        T("Length", "长度"), "R!", unit="mm", hard=Range(10, 350), soft=Range(40, 250), sdtm="DO[LENGTH]"
    )
    dcb_dose_ug_mm2 = DecItem(
        T("Drug density", "药物密度"),
        3,
        1,
        "R",
        unit="ug/mm2",
        hard=Range("0.5", 10),
        soft=Range("2.0", "3.5"),
        sdtm="DO[DRUGDENS]",
    )
    dcb_dose_mg = Derived(
        T("Nominal drug amount", "标称载药量"),
        lambda v, dossier: drug_amount_mg(
            v.get("dcb_diam_mm"), v.get("dcb_len_mm"), v.get("dcb_dose_ug_mm2")
        ),
        unit="mg",
        sdtm="DX.DXDOSE",
    )
    dcb_transit_s = IntItem(
        T("Transit time", "输送时间"),
        "O",
        unit="s",
        hard=Range(1, 1800),
        soft=Range(hi=60),
        sdtm="DU[TRANSIT]",
    )
    dcb_infl_s = IntItem(
        T("Inflation time", "扩张时间"),
        "C",
        unit="s",
        hard=Range(1, 1800),
        soft=Range(60, 300),
        show_if="dcb_outcome in (OK,PART)",
        sdtm="DU[INFLTIME]",
    )
    dcb_atm = IntItem(
        T("Inflation pressure", "扩张压力"),
        "C",
        unit="atm",
        hard=Range(1, 30),
        soft=Range(4, 16),
        show_if="dcb_outcome in (OK,PART)",
        sdtm="DU[INFLPRES]",
    )
    dcb_infl_n = IntItem(
        T("Number of inflations", "扩张次数"),
        "C",
        hard=Range(1, 10),
        soft=Range(hi=1),
        show_if="dcb_outcome in (OK,PART)",
        sdtm="DU[INFLN]",
    )
    dcb_overlap_mm = IntItem(
        T("Overlap with previous balloon", "与前一球囊重叠长度"),
        "C",
        unit="mm",
        hard=Range(0, 200),
        soft=Range(5),
        show_if="dcb_no>1",
        sdtm="DU[OVERLAP]",
    )
    dcb_geo_miss = CodeItem(
        T("Geographic miss", "是否地理缺失"),
        NY,
        "C",
        soft=Unusual("Y"),
        show_if="dcb_outcome in (OK,PART)",
        sdtm="DU[GEOMISS]",
    )
    dcb_outcome = CodeItem(
        T("Device outcome", "器械使用结果"),
        DEVOUT,
        "R!",
        soft=Unusual("PART", "FDEL", "FDPL", "OPEN"),
        sdtm="DT.DTDECOD",
    )
    dcb_deficiency = CodeItem(
        T("Device deficiency suspected", "是否怀疑器械缺陷"), NY, "R!", soft=Unusual("Y")
    )

    layout = (
        Section(T("Balloon", "球囊"), ("dcb_no", "dcb_lesion")),
        Section(T("Label", "标签信息"), ("dcb_product", "dcb_udi", "dcb_lot", "dcb_expiry")),
        Section(
            T("Size and dose", "规格与剂量"), ("dcb_diam_mm", "dcb_len_mm", "dcb_dose_ug_mm2", "dcb_dose_mg")
        ),
        Section(T("Outcome", "结果"), ("dcb_outcome", "dcb_deficiency")),
        Section(
            T("Use", "使用"),
            ("dcb_transit_s", "dcb_infl_s", "dcb_atm", "dcb_infl_n", "dcb_overlap_mm", "dcb_geo_miss"),
        ),
    )

    warnings = (
        *label_warnings("dcb"),
        Contradiction(
            "EC-077",
            ("dcb_infl_s", "dcb_outcome"),
            lambda v: v["dcb_outcome"] in ("OK", "PART") and v["dcb_infl_s"] < 60,
            T("DCB inflation shorter than 60 s.", "DCB扩张时间<60秒。"),
            limit_of=("dcb_infl_s",),
        ),
    )

    class Meta(Crf.Meta):
        db_table = "crf_dcb"
