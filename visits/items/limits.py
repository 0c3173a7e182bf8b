"""Limits of an item: the hard ones refuse a value, the soft ones open a query (protocol §3.0)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from protocol.words import Bilingual


class Range:
    """Numbers from `lo` to `hi`, both included; `above` is a lower end that is not itself included."""

    def __init__(
        self, lo: int | str | None = None, hi: int | str | None = None, *, above: int | str | None = None
    ) -> None:
        self.lo = None if lo is None else Decimal(lo)
        self.hi = None if hi is None else Decimal(hi)
        self.above = None if above is None else Decimal(above)

    def __contains__(self, value: Any) -> bool:
        return not (
            (self.lo is not None and value < self.lo)
            or (self.hi is not None and value > self.hi)
            or (self.above is not None and value <= self.above)
        )

    def __str__(self) -> str:
        if self.above is not None:
            return f"> {self.above}"
        if self.lo is None:
            return f"≤ {self.hi}"
        return f"≥ {self.lo}" if self.hi is None else f"{self.lo}–{self.hi}"

    def outside(self, label: Bilingual, unit: str) -> Bilingual:
        """Say that a value of the item lies outside this range."""
        words = f"{self} {unit}".rstrip().replace("-", "−")
        return Bilingual(f"{label.en}: outside {words}.", f"{label.zh}:超出范围 {words}。")


@dataclass(frozen=True, slots=True)
class Unusual:
    """Codes that may be chosen, and are asked about when they are."""

    codes: tuple[str, ...]

    def __init__(self, *codes: str) -> None:
        object.__setattr__(self, "codes", codes)

    def __contains__(self, value: Any) -> bool:
        """Say whether a code, or every code of a selection, is usual."""
        chosen = value if isinstance(value, list) else [value]
        return not any(code in self.codes for code in chosen)

    def outside(self, label: Bilingual, decodes: list[Bilingual]) -> Bilingual:
        """Say that one of the asked-about codes was chosen."""
        english, chinese = (", ".join(d.en for d in decodes), "、".join(d.zh for d in decodes))
        return Bilingual(f'{label.en}: please confirm "{english}".', f'{label.zh}:请确认"{chinese}"。')
