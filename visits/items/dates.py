"""Items that hold a date: full, partial, or with the time of day."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.db import models

from protocol.partial_dates import PartialDate
from protocol.words import Bilingual, T
from visits.items import parsing
from visits.items.base import Item
from visits.items.refusals import ItemRefused, Parsed

FIRST_YEAR, LAST_YEAR = 1900, 2100


class DateItem(Item, models.DateField):
    """A full date, not before 1900, and not in the future unless `future_ok` (an expiry date)."""

    kind = "date"
    column_path = "django.db.models.DateField"

    def __init__(
        self, label: Bilingual, required: str = "O", *, future_ok: bool = False, **said: Any
    ) -> None:
        self.future_ok = future_ok
        super().__init__(label, required, **said)

    def typed(self, value: Any, today: date | None) -> date:
        if isinstance(value, datetime) or not isinstance(value, date):
            raise parsing.not_a_date(str(value), parsing.HOW_DATE)
        _refuse_day(value, None if self.future_ok else today)
        return value

    def parse(self, text: Any, *, today: date) -> Parsed:
        return parsing.read(
            text,
            lambda plain: self.clean(parsing.full_date(plain), today=today),
            date.isoformat,
        )

    def to_json(self, value: Any) -> Any:
        return None if value is None else value.isoformat()

    def from_json(self, stored: Any) -> Any:
        return None if stored is None else date.fromisoformat(stored)


class PartialDateItem(Item, models.CharField):
    """A date of which the month or day may be unknown; `precision` "month" refuses a day."""

    kind = "pdate"
    column_path = "django.db.models.CharField"

    def __init__(self, label: Bilingual, required: str = "O", *, precision: str = "day", **said: Any) -> None:
        self.precision = precision
        super().__init__(label, required, max_length=10, **said)

    def typed(self, value: Any, today: date | None) -> str:
        try:
            partial = PartialDate.parse(value)
        except (TypeError, ValueError) as error:
            raise parsing.not_a_date(str(value), parsing.HOW_PART) from error
        if self.precision == "month" and partial.complete:
            raise ItemRefused(
                "precision", T("Year and month only: the day is not collected.", "只填年月,不采集日。")
            )
        _refuse_day(partial.earliest, today)
        return str(partial)

    def parse(self, text: Any, *, today: date) -> Parsed:
        """Read one text, or the three parts (year, month, day) of which the last may be empty."""
        typed = text if isinstance(text, str) else _joined(text)
        return parsing.read(typed, lambda plain: self.clean(parsing.partial_date(plain), today=today), str)


class DateTimeItem(Item, models.DateTimeField):
    """A date and time in the study's zone."""

    kind = "dt"
    column_path = "django.db.models.DateTimeField"

    def typed(self, value: Any, today: date | None) -> datetime:
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise parsing.not_a_date(str(value), parsing.HOW_TIME)
        _refuse_day(parsing.local_day(value), today)
        return value

    def parse(self, text: Any, *, today: date) -> Parsed:
        return parsing.read(
            text,
            lambda plain: self.clean(parsing.date_and_time(plain), today=today),
            _clock,
        )

    def to_json(self, value: Any) -> Any:
        return None if value is None else value.astimezone(UTC).isoformat()

    def from_json(self, stored: Any) -> Any:
        return None if stored is None else datetime.fromisoformat(stored)

    def show(self, value: Any, language: str) -> str:
        return "" if value is None else _clock(value)


def _joined(parts: Sequence[str]) -> str:
    """Join year, month and day as typed into three boxes; a day without its month is refused."""
    texts = [part.strip() for part in parts]
    while texts and not texts[-1]:
        texts.pop()
    if not all(texts):
        raise parsing.not_a_date("-".join(texts), parsing.HOW_PART)
    return "-".join(texts)


def _clock(value: datetime) -> str:
    local = value.astimezone(parsing.ZONE)
    return local.strftime("%Y-%m-%d %H:%M:%S" if local.second else "%Y-%m-%d %H:%M")


def _refuse_day(day: date, today: date | None) -> None:
    if today is not None and day > today:
        raise ItemRefused(
            "future", Bilingual(f"In the future: today is {today}.", f"日期在未来:今天是 {today}。")
        )
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ItemRefused(
            "date",
            Bilingual(
                f"Not between {FIRST_YEAR} and {LAST_YEAR}.", f"不在 {FIRST_YEAR} 至 {LAST_YEAR} 年之间。"
            ),
        )
