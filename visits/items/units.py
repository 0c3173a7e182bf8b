"""Units as they are read on a screen; items and datasets keep the code of the protocol."""

from __future__ import annotations

from protocol.words import Bilingual, T

# Those that read otherwise than their code; a ratio has none.
SHOWN: dict[str, Bilingual] = {
    "Gy.cm2": T("Gy·cm²", "Gy·cm²"),
    "cm2": T("cm²", "cm²"),
    "kg/m2": T("kg/m²", "kg/m²"),
    "ug/mm2": T("µg/mm²", "µg/mm²"),
    "umol/L": T("µmol/L", "µmol/L"),
    "xULN": T("× ULN", "× ULN"),
    "ratio": T("", ""),
    "grade": T("grade", "级"),
    "months": T("months", "个月"),
    "pack-years": T("pack-years", "包年"),
    "vessels": T("vessels", "支"),
    "years": T("years", "年"),
}


def shown_unit(unit: str) -> Bilingual:
    """Return a unit as it is read."""
    return SHOWN.get(unit) or Bilingual(unit, unit)
