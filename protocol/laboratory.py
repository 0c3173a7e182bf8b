"""Laboratory analytes: the one unit of each, its hard and usual limits, and where it is required (§3.11)."""

from dataclasses import dataclass
from decimal import Decimal

Limits = tuple[Decimal | None, Decimal | None]


@dataclass(frozen=True, slots=True)
class Analyte:
    """One analyte; `hard` and `usual` are lower and upper limits, both included, None for no limit.

    `asks_above_uln`: a result above the laboratory's own upper limit is asked about. `derived`: the
    system computes it, and it is not entered.
    """

    code: str
    unit: str
    hard: Limits
    usual: Limits
    required_at: tuple[str, ...] = ()
    asks_above_uln: bool = False
    derived: bool = False


def within(value: Decimal, limits: Limits) -> bool:
    """Say whether a result lies within both limits."""
    lo, hi = limits
    return (lo is None or value >= lo) and (hi is None or value <= hi)


def _analyte(
    code: str,
    unit: str,
    lo: str | None,
    hi: str | None,
    usual_lo: str | None,
    usual_hi: str | None,
    *,
    required_at: tuple[str, ...] = (),
    asks_above_uln: bool = False,
    derived: bool = False,
) -> Analyte:
    hard, usual = (_limit(lo), _limit(hi)), (_limit(usual_lo), _limit(usual_hi))
    return Analyte(code, unit, hard, usual, required_at, asks_above_uln, derived)


def _limit(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


_ALL = (
    _analyte("HGB", "g/L", "20", "250", "70", "180", required_at=("SCR", "POST", "M1")),
    _analyte("PLAT", "10^9/L", "1", "2000", "80", "500", required_at=("SCR",)),
    _analyte("WBC", "10^9/L", "0.05", "500", "2", "20", required_at=("SCR",)),
    _analyte("CREAT", "umol/L", "10", "2500", "40", "300", required_at=("SCR", "POST", "M1")),
    _analyte("GFRBSCRT", "mL/min/1.73m2", "0", "200", "30", None, derived=True),
    _analyte("UREA", "mmol/L", "0.5", "100", "2", "30", required_at=("SCR",)),
    _analyte("ALT", "U/L", "0", "20000", "5", "150", required_at=("SCR", "M1")),
    _analyte("AST", "U/L", "0", "20000", "5", "150", required_at=("SCR", "M1")),
    _analyte("BILI", "umol/L", "0", "1000", "2", "50", required_at=("SCR",)),
    _analyte("GLUC", "mmol/L", "0.5", "80", "3", "20"),
    _analyte("HBA1C", "%", "3", "25", "4", "14"),
    _analyte("LDL", "mmol/L", "0.05", "20", "0.5", "7", required_at=("SCR",)),
    _analyte("CHOL", "mmol/L", "0.5", "40", "2", "12"),
    _analyte("TRIG", "mmol/L", "0.05", "100", "0.3", "10"),
    _analyte("INR", "ratio", "0.5", "20", "0.8", "4", required_at=("SCR",)),
    _analyte("FIBRINO", "g/L", "0.1", "20", "1", "8"),
    _analyte("TROPONIN", "ng/L", "0", "999999", None, None, asks_above_uln=True),
    _analyte("CKMB", "U/L", "0", "5000", None, None, asks_above_uln=True),
    _analyte("BNPPRONT", "ng/L", "0", "100000", None, "5000"),
)
ANALYTES: dict[str, Analyte] = {analyte.code: analyte for analyte in _ALL}

# The upper limit depends on the assay or the laboratory, and must be given with the result.
ULN_NEEDED = ("TROPONIN", "CKMB", "ALT", "AST")
