"""How measured numbers are written down: fixed decimals and pressures that fit their ratio."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal


def dec(value: float, places: int = 1) -> Decimal:
    """Return a decimal with exactly this many places."""
    return Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def ratio(numerator: int, denominator: int) -> Decimal:
    """Return a ratio as the protocol rounds it: half up, two places."""
    return (Decimal(numerator) / Decimal(denominator)).quantize(Decimal("0.01"), ROUND_HALF_UP)
