"""The numbers that the endpoint rules are configured with, and their values in the protocol.

Ratios are integer hundredths, so that 0.95 − 0.80 is 15 and never 14.999… (protocol §5.2).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Limits of the endpoint rules; the defaults are the protocol's own (§3.33, §5)."""

    psvr: int = 240
    """Hundredths; a PSVR above it is a restenosis (§5.8)."""
    tlr_margin_mm: int = 30
    """Millimetres from the device edge that still belong to the target lesion, inclusive (§5.2)."""
    narrow_margin_mm: int = 10
    """The margin of the sensitivity analysis CDTLR10M (C22)."""
    abi_drop: int = 15
    """Hundredths; a fall of more than this is clinically driven."""
    abi_drop_percent: int = 20
    """A fall of at least this share of the reference is clinically driven."""
    abi_usable: int = 140
    """Hundredths; a higher ABI is incompressible and is not used."""
    abi_before_days: int = 30
    """Oldest age of the ABI before a revascularisation that the rule may read."""
    staging_days: int = 30
    """Last day on which a staged step declared at the index procedure is not a TLR."""
    stenosis_pct: int = 50
    """Diameter stenosis from which an angiography shows restenosis."""
    angiography_days: int = 30
    """Days after a duplex within which an angiography decides that duplex."""
    low: Mapping[int, int] = field(default_factory=lambda: {30: 23, 365: 335, 730: 700})
    """Follow-up needed to count as evaluable at each horizon (§5.1)."""

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "Thresholds":
        """Read the study's configuration (`study.config`, §3.33); what it does not name keeps its default."""
        changed: dict[str, Any] = {}
        if "psvr_threshold" in config:
            changed["psvr"] = _hundredths(config["psvr_threshold"])
        if "tlr_margin_mm" in config:
            changed["tlr_margin_mm"] = int(config["tlr_margin_mm"])
        if "abi_drop_abs" in config:
            changed["abi_drop"] = _hundredths(config["abi_drop_abs"])
        if "abi_drop_rel" in config:
            changed["abi_drop_percent"] = _hundredths(config["abi_drop_rel"])
        if "low" in config:
            changed["low"] = {int(horizon): int(day) for horizon, day in config["low"].items()}
        return cls(**changed)


def _hundredths(value: Any) -> int:
    return int((Decimal(str(value)) * 100).to_integral_value())


DEFAULTS = Thresholds()
