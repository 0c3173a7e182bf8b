"""PS: Prior stent."""

from protocol.codelists import FRACT, NY, SEG, STTYPE
from protocol.partial_dates import is_before
from protocol.words import T
from visits.crfs.base import Contradiction, Crf, Section
from visits.items import (
    CodeItem,
    DecItem,
    Derived,
    IntItem,
    MultiCodeItem,
    PartialDateItem,
    Range,
    TextItem,
    Unusual,
)

EARLIEST_IMPLANT = "1995"


class PriorStent(Crf):
    """One stent that the limb carried before the study."""

    form = "PS"
    title = T("Prior stent", "既往支架")
    repeating = True

    ps_no = Derived(T("Prior stent number", "既往支架编号"), identity=True, sdtm="DI.SPDEVID")
    ps_type = CodeItem(T("Stent type", "支架类型"), STTYPE, "R!", soft=Unusual("CS"), sdtm="DI[DEVTYPE]")
    ps_brand = TextItem(T("Brand", "品牌"), 60, "R", sdtm="DI[TRADENAM]")
    ps_implant_date = PartialDateItem(T("Implant date", "植入日期"), "R", sdtm="DX.DXSTDTC")
    ps_segment = MultiCodeItem(
        T("Location", "位置"), SEG, "R", soft=Unusual("P2", "P3", "CFA"), sdtm="DX.DXLOC"
    )
    ps_diameter_mm = DecItem(
        T("Diameter", "直径"), 3, 1, "O", unit="mm", hard=Range(3, 12), soft=Range(5, 8), sdtm="DO[DIAMETER]"
    )
    ps_length_mm = IntItem(
        T("Length", "长度"), "O", unit="mm", hard=Range(10, 300), soft=Range(20, 250), sdtm="DO[LENGTH]"
    )
    ps_fracture = CodeItem(
        T("Fracture already present", "术前已有断裂"),
        FRACT,
        "R",
        soft=Unusual("1", "2", "3", "4", "5"),
        sdtm="DU[FRACTYPE]",
    )
    ps_carries_tl = CodeItem(T("Carries the target lesion", "靶病变所在支架"), NY, "R!", sdtm="SUPPDX[TLFL]")

    layout = (
        Section(T("Stent", "支架"), ("ps_no", "ps_type", "ps_brand", "ps_implant_date")),
        Section(T("Position", "位置"), ("ps_segment", "ps_diameter_mm", "ps_length_mm")),
        Section(T("State before the procedure", "术前状态"), ("ps_fracture", "ps_carries_tl")),
    )

    warnings = (
        Contradiction(
            "PS.ps_implant_date",
            ("ps_implant_date",),
            lambda v: is_before(v["ps_implant_date"], EARLIEST_IMPLANT) is True,
            T("Stent implanted before 1995: please confirm.", "支架植入早于1995年,请确认。"),
            cells=("ps_implant_date: < 1995",),
        ),
    )

    class Meta(Crf.Meta):
        db_table = "crf_ps"
