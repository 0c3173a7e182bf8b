"""DES: Drug-eluting stent use."""

from protocol.codelists import DESROLE, DEVOUT, NY
from protocol.words import T
from visits.crfs.base import Contradiction, Crf, Section
from visits.crfs.label_rules import label_warnings
from visits.items import CodeItem, DateItem, DecItem, Derived, IntItem, Range, RefItem, TextItem, Unusual


class DrugElutingStent(Crf):
    """One drug-eluting stent that was opened."""

    form = "DES"
    title = T("Drug-eluting stent use", "药物洗脱支架使用")
    repeating = True

    des_no = Derived(T("Stent number", "支架编号"), identity=True, sdtm="DI.SPDEVID")
    des_lesion = RefItem(T("Lesion", "病变编号"), "lesion", "R!", sdtm="DX.DXLNKID")
    des_role = CodeItem(T("Role", "使用性质"), DESROLE, "R!", soft=Unusual("BAIL"), sdtm="SUPPDX[ROLE]")
    des_product = RefItem(T("Product", "产品"), "product", "R!", product_kind="DES", sdtm="DI[TRADENAM]")
    des_udi = TextItem(T("UDI", "医疗器械唯一标识"), 120, "R", screened=False, sdtm="DI[UDI]")
    des_lot = TextItem(T("Lot number", "批号"), 30, "R", screened=False, sdtm="DI[LOT]")
    des_expiry = DateItem(T("Expiry date", "有效期"), "R", future_ok=True, sdtm="DI[EXPDTC]")
    des_diam_mm = DecItem(
        T("Diameter", "直径"), 3, 1, "R!", unit="mm", hard=Range(4, 10), soft=Range(5, 8), sdtm="DO[DIAMETER]"
    )
    des_len_mm = IntItem(
        T("Nominal length", "标称长度"),
        "R!",
        unit="mm",
        hard=Range(20, 200),
        soft=Range(40, 150),
        sdtm="DO[LENGTH]",
    )
    des_deployed_mm = IntItem(
        T("Deployed length", "释放后长度"), "O", unit="mm", hard=Range(10, 250), sdtm="DU[DEPLEN]"
    )
    des_overlap_mm = IntItem(
        T("Overlap with previous DES", "与前一支架重叠长度"),
        "C",
        unit="mm",
        hard=Range(0, 200),
        show_if="des_no>1",
        sdtm="DU[OVERLAP]",
    )
    des_covers_prox = CodeItem(
        T("Covers proximal lesion edge", "覆盖病变近端"),
        NY,
        "C",
        soft=Unusual("N"),
        show_if="des_outcome in (OK,PART)",
        sdtm="DU[COVPROX]",
    )
    des_covers_dist = CodeItem(
        T("Covers distal lesion edge", "覆盖病变远端"),
        NY,
        "C",
        soft=Unusual("N"),
        show_if="des_outcome in (OK,PART)",
        sdtm="DU[COVDIST]",
    )
    des_postdil = CodeItem(
        T("Post-dilation", "是否后扩张"),
        NY,
        "C",
        soft=Unusual("N"),
        show_if="des_outcome in (OK,PART)",
        sdtm="DU[POSTDIL]",
    )
    des_outcome = CodeItem(
        T("Device outcome", "器械使用结果"),
        DEVOUT,
        "R!",
        soft=Unusual("PART", "FDEL", "FDPL", "OPEN"),
        sdtm="DT.DTDECOD",
    )
    des_deficiency = CodeItem(
        T("Device deficiency suspected", "是否怀疑器械缺陷"), NY, "R!", soft=Unusual("Y")
    )

    layout = (
        Section(T("Stent", "支架"), ("des_no", "des_lesion", "des_role")),
        Section(T("Label", "标签信息"), ("des_product", "des_udi", "des_lot", "des_expiry")),
        Section(T("Size", "规格"), ("des_diam_mm", "des_len_mm", "des_deployed_mm", "des_overlap_mm")),
        Section(T("Outcome", "结果"), ("des_outcome", "des_deficiency")),
        Section(T("Use", "使用"), ("des_covers_prox", "des_covers_dist", "des_postdil")),
    )

    warnings = (
        *label_warnings("des"),
        Contradiction(
            "DES.des_deployed_mm",
            ("des_deployed_mm", "des_len_mm"),
            lambda v: 10 * abs(v["des_deployed_mm"] - v["des_len_mm"]) > v["des_len_mm"],
            T(
                "Deployed length differs from the nominal length by more than 10 %.",
                "释放后长度与标称长度相差超过10%。",
            ),
            cells=("des_deployed_mm: differs > 10 % from des_len_mm",),
        ),
        Contradiction(
            "DES.des_overlap_mm",
            ("des_overlap_mm",),
            lambda v: v["des_overlap_mm"] == 0 or v["des_overlap_mm"] > 20,
            T("No overlap with the previous stent, or more than 20 mm.", "与前一支架无重叠或重叠超过20 mm。"),
            cells=("des_overlap_mm: > 20 or 0",),
        ),
    )

    class Meta(Crf.Meta):
        db_table = "crf_des"
