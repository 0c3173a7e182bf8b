"""ABI: Ankle/toe pressures."""

from decimal import Decimal

from protocol.codelists import ABIMETH, NY
from protocol.words import T
from visits.crfs.across import abi_of_side
from visits.crfs.base import Contradiction, Crf, Section, Values
from visits.items import CodeItem, DateItem, DecItem, Derived, IntItem, Range


def _differs(v: Values, side: str) -> bool:
    reported, calculated = v.get(f"abi_{side}"), v.get(f"abi_calc_{side}")
    if reported is None or calculated is None:
        return False
    return bool(abs(calculated - reported) > Decimal("0.05"))


def _too_stiff(v: Values, side: str) -> bool:
    index = v.get(f"abi_{side}")
    return index is not None and index > Decimal("1.40") and v.get(f"incompressible_{side}") == "N"


def _toe_wanted(item: str, side: str) -> Contradiction:
    """Ask for a toe pressure or TBI where the ankle arteries cannot be compressed."""
    name, flag = f"{item}_{side}", f"incompressible_{side}"
    return Contradiction(
        f"ABI.{name}",
        (name, flag),
        lambda v: v[flag] == "Y" and v[name] is None,
        T("Incompressible arteries: record toe pressure and TBI.", "动脉不可压缩:请记录趾动脉压与TBI。"),
        cells=(f"{name}: blank with {flag}=Y",),
        may_be_blank=(name,),
    )


class LimbPressures(Crf):
    """Ankle and toe pressures of both limbs at one visit."""

    form = "ABI"
    title = T("Ankle/toe pressures", "踝肱指数与趾肱指数")

    abi_date = DateItem(T("Measurement date", "测量日期"), "R!", sdtm="VS.VSDTC")
    abi_method = CodeItem(T("Method", "方法"), ABIMETH, "R", sdtm="VS.VSMETHOD")
    brachial_l = IntItem(
        T("Brachial systolic, left", "左肱动脉收缩压"),
        "R",
        unit="mmHg",
        hard=Range(30, 300),
        soft=Range(80, 200),
        sdtm="VS[SYSBP]",
    )
    brachial_r = IntItem(
        T("Brachial systolic, right", "右肱动脉收缩压"),
        "R",
        unit="mmHg",
        hard=Range(30, 300),
        soft=Range(80, 200),
        sdtm="VS[SYSBP]",
    )
    ankle_dp_l = IntItem(
        T("Dorsalis pedis, left", "左足背动脉收缩压"),
        "O",
        unit="mmHg",
        hard=Range(0, 350),
        soft=Range(hi=250),
        sdtm="VS[SYSBP]",
    )
    ankle_pt_l = IntItem(
        T("Posterior tibial, left", "左胫后动脉收缩压"),
        "O",
        unit="mmHg",
        hard=Range(0, 350),
        soft=Range(hi=250),
        sdtm="VS[SYSBP]",
    )
    ankle_dp_r = IntItem(
        T("Dorsalis pedis, right", "右足背动脉收缩压"),
        "O",
        unit="mmHg",
        hard=Range(0, 350),
        soft=Range(hi=250),
        sdtm="VS[SYSBP]",
    )
    ankle_pt_r = IntItem(
        T("Posterior tibial, right", "右胫后动脉收缩压"),
        "O",
        unit="mmHg",
        hard=Range(0, 350),
        soft=Range(hi=250),
        sdtm="VS[SYSBP]",
    )
    abi_l = DecItem(
        T("ABI, left (as reported)", "左侧ABI(报告值)"),
        3,
        2,
        "R",
        unit="ratio",
        hard=Range(0, "3.00"),
        soft=Range("0.20", "1.40"),
        sdtm="VS[ABI]",
    )
    abi_r = DecItem(
        T("ABI, right (as reported)", "右侧ABI(报告值)"),
        3,
        2,
        "R",
        unit="ratio",
        hard=Range(0, "3.00"),
        soft=Range("0.20", "1.40"),
        sdtm="VS[ABI]",
    )
    abi_calc_l = Derived(
        T("ABI, left (calculated)", "左侧ABI(计算值)"),
        lambda v, dossier: abi_of_side(v, "l"),
        unit="ratio",
        sdtm="VS[ABICALC]",
    )
    abi_calc_r = Derived(
        T("ABI, right (calculated)", "右侧ABI(计算值)"),
        lambda v, dossier: abi_of_side(v, "r"),
        unit="ratio",
        sdtm="VS[ABICALC]",
    )
    incompressible_l = CodeItem(T("Incompressible, left", "左侧动脉不可压缩"), NY, "R", sdtm="VS[INCOMP]")
    incompressible_r = CodeItem(T("Incompressible, right", "右侧动脉不可压缩"), NY, "R", sdtm="VS[INCOMP]")
    toe_l = IntItem(
        T("Toe pressure, left", "左趾动脉收缩压"),
        "O",
        unit="mmHg",
        hard=Range(0, 300),
        soft=Range(10, 200),
        sdtm="VS[SYSBP]",
    )
    toe_r = IntItem(
        T("Toe pressure, right", "右趾动脉收缩压"),
        "O",
        unit="mmHg",
        hard=Range(0, 300),
        soft=Range(10, 200),
        sdtm="VS[SYSBP]",
    )
    tbi_l = DecItem(
        T("TBI, left", "左侧TBI"),
        3,
        2,
        "O",
        unit="ratio",
        hard=Range(0, "2.00"),
        soft=Range("0.10", "1.20"),
        sdtm="VS[TBI]",
    )
    tbi_r = DecItem(
        T("TBI, right", "右侧TBI"),
        3,
        2,
        "O",
        unit="ratio",
        hard=Range(0, "2.00"),
        soft=Range("0.10", "1.20"),
        sdtm="VS[TBI]",
    )

    layout = (
        Section(T("Measurement", "测量"), ("abi_date", "abi_method")),
        Section(T("Brachial pressures", "肱动脉压"), ("brachial_l", "brachial_r")),
        Section(T("Ankle pressures", "踝部动脉压"), ("ankle_dp_l", "ankle_pt_l", "ankle_dp_r", "ankle_pt_r")),
        Section(T("Ankle-brachial index", "踝肱指数"), ("abi_l", "abi_r", "abi_calc_l", "abi_calc_r")),
        Section(T("Incompressible arteries", "动脉不可压缩"), ("incompressible_l", "incompressible_r")),
        Section(
            T("Toe pressures and toe-brachial index", "趾动脉压与趾肱指数"),
            ("toe_l", "toe_r", "tbi_l", "tbi_r"),
        ),
    )

    warnings = (
        Contradiction(
            "EC-057",
            ("abi_l", "abi_r", "abi_calc_l", "abi_calc_r"),
            lambda v: _differs(v, "l") or _differs(v, "r"),
            T("Reported ABI differs from the calculated value.", "ABI报告值与计算值相差>0.05。"),
            cells=("abi_calc_l: differs from abi_l by > 0.05", "abi_calc_r: differs from abi_r by > 0.05"),
            may_be_blank=("abi_l", "abi_r", "abi_calc_l", "abi_calc_r"),
        ),
        Contradiction(
            "EC-058",
            ("incompressible_l", "incompressible_r", "abi_l", "abi_r"),
            lambda v: _too_stiff(v, "l") or _too_stiff(v, "r"),
            T("ABI > 1.40: mark as incompressible and record TBI.", "ABI>1.40,请标记不可压缩并记录TBI。"),
            cells=("incompressible_l: N with abi_l > 1.40", "incompressible_r: N with abi_r > 1.40"),
            may_be_blank=("incompressible_l", "incompressible_r", "abi_l", "abi_r"),
        ),
        Contradiction(
            "ABI.brachial_r",
            ("brachial_r", "brachial_l"),
            lambda v: abs(v["brachial_l"] - v["brachial_r"]) > 20,
            T("Arm pressures differ by more than 20 mmHg.", "双臂收缩压相差超过20 mmHg。"),
            cells=("brachial_r: side difference > 20",),
        ),
        *(_toe_wanted(item, side) for item in ("toe", "tbi") for side in ("l", "r")),
    )

    class Meta(Crf.Meta):
        db_table = "crf_abi"
