"""Items that hold a number, exactly as it was given."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models

from protocol.words import Bilingual
from visits.items import parsing
from visits.items.base import Item
from visits.items.refusals import ItemRefused, Parsed


class IntItem(Item, models.IntegerField):
    """A whole number."""

    kind = "int"
    column_path = "django.db.models.IntegerField"

    def typed(self, value: Any, today: date | None) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise parsing.not_a_number(str(value))
        return parsing.whole_number(str(value))

    def parse(self, text: Any, *, today: date) -> Parsed:
        return parsing.read(text, lambda plain: self.clean(parsing.whole_number(plain)), str)

    def from_json(self, stored: Any) -> Any:
        return None if stored is None else int(stored)


class DecItem(Item, models.DecimalField):
    """A decimal number of at most `digits` digits, `places` of them after the point; never rounded."""

    kind = "dec"
    column_path = "django.db.models.DecimalField"

    def __init__(self, label: Bilingual, digits: int, places: int, required: str = "O", **said: Any) -> None:
        super().__init__(label, required, max_digits=digits, decimal_places=places, **said)
        self.places = places
        self.whole_digits = digits - places

    def typed(self, value: Any, today: date | None) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
            raise parsing.not_a_number(str(value))
        number = Decimal(value)
        if not number.is_finite() or (number.is_signed() and not number):
            raise parsing.not_a_number(str(value))
        if -int(number.as_tuple().exponent) > self.places:
            raise ItemRefused(
                "decimals", Bilingual(f"At most {self.places} decimals.", f"最多 {self.places} 位小数。")
            )
        if abs(number) >= 10**self.whole_digits:
            raise ItemRefused(
                "digits",
                Bilingual(
                    f"At most {self.whole_digits} digits before the decimal point.",
                    f"小数点前最多 {self.whole_digits} 位数字。",
                ),
            )
        return number.quantize(Decimal(1).scaleb(-self.places))

    def parse(self, text: Any, *, today: date) -> Parsed:
        return parsing.read(text, lambda plain: self.clean(parsing.decimal_number(plain)), str)

    def to_json(self, value: Any) -> Any:
        return None if value is None else str(value)

    def from_json(self, stored: Any) -> Any:
        return None if stored is None else Decimal(str(stored)).quantize(Decimal(1).scaleb(-self.places))
