"""The kinds of item (protocol §3.0): what each stores, how it is read, and what it refuses."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from protocol.codelists import Codelist
from protocol.partial_dates import PartialDate
from protocol.words import Bilingual, T
from visits.items import parsing
from visits.items.base import Item
from visits.items.refusals import ItemRefused, Parsed

CODE_LENGTH = 16
REFERENCE_LENGTH = 64
FIRST_YEAR, LAST_YEAR = 1900, 2100


class CodeItem(Item, models.CharField):
    """One code of a codelist."""

    kind = "code"
    column_path = "django.db.models.CharField"

    def __init__(self, label: Bilingual, codelist: Codelist, required: str = "O", **said: Any) -> None:
        self.codelist: Codelist = codelist
        super().__init__(label, required, max_length=CODE_LENGTH, **said)

    def typed(self, value: Any, today: date | None) -> str:
        if not isinstance(value, str) or value not in self.codelist:
            raise _not_offered(value)
        return value

    def parse(self, text: Any, *, today: date) -> Parsed:
        return parsing.read(_one(text), lambda plain: self.clean(plain), str)

    def show(self, value: Any, language: str) -> str:
        return "" if value is None else self.codelist.decode(value).in_(language)


class MultiCodeItem(Item, ArrayField):
    """Any number of codes of a codelist, in its order; each of `exclusive` stands alone or not at all."""

    kind = "mcode"
    column_path = "django.contrib.postgres.fields.ArrayField"

    def __init__(
        self,
        label: Bilingual,
        codelist: Codelist,
        required: str = "O",
        *,
        exclusive: tuple[str, ...] = (),
        **said: Any,
    ) -> None:
        self.codelist: Codelist = codelist
        self.exclusive = exclusive
        super().__init__(label, required, base_field=models.CharField(max_length=CODE_LENGTH), **said)

    def typed(self, value: Any, today: date | None) -> list[str]:
        if not isinstance(value, (list, tuple)):
            raise _not_offered(value)
        for code in value:
            if not isinstance(code, str) or code not in self.codelist:
                raise _not_offered(code)
        if len(set(value)) != len(value):
            raise ItemRefused("twice", T("The same answer is chosen twice.", "同一选项被重复选择。"))
        alone = [code for code in value if code in self.exclusive]
        if alone and len(value) > 1:
            decode = self.codelist.decode(alone[0])
            raise ItemRefused(
                "exclusive",
                Bilingual(
                    f'"{decode.en}" cannot stand beside other answers.', f'"{decode.zh}" 不能与其他选项同选。'
                ),
            )
        return sorted(value, key=self.codelist.codes.index)

    def parse(self, text: Any, *, today: date) -> Parsed:
        """Read the chosen codes, given as a sequence or as one text with commas."""
        chosen = text.split(",") if isinstance(text, str) else text
        codes = [code.strip() for code in chosen if code.strip()]
        return Parsed(self.clean(codes))

    def show(self, value: Any, language: str) -> str:
        return "; ".join(self.codelist.decode(code).in_(language) for code in value or ())


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
            _one(text), lambda plain: self.clean(parsing.full_date(plain), today=today), date.isoformat
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
            _one(text), lambda plain: self.clean(parsing.date_and_time(plain), today=today), _clock
        )

    def to_json(self, value: Any) -> Any:
        return None if value is None else value.isoformat()

    def from_json(self, stored: Any) -> Any:
        return None if stored is None else datetime.fromisoformat(stored)

    def show(self, value: Any, language: str) -> str:
        return "" if value is None else _clock(value)


class IntItem(Item, models.IntegerField):
    """A whole number."""

    kind = "int"
    column_path = "django.db.models.IntegerField"

    def typed(self, value: Any, today: date | None) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise parsing.not_a_number(str(value))
        return parsing.whole_number(str(value))

    def parse(self, text: Any, *, today: date) -> Parsed:
        return parsing.read(_one(text), lambda plain: self.clean(parsing.whole_number(plain)), str)

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
        return parsing.read(_one(text), lambda plain: self.clean(parsing.decimal_number(plain)), str)

    def to_json(self, value: Any) -> Any:
        return None if value is None else str(value)

    def from_json(self, stored: Any) -> Any:
        return None if stored is None else Decimal(str(stored)).quantize(Decimal(1).scaleb(-self.places))


class TextItem(Item, models.CharField):
    """Text stored exactly as written; short ones are names and codes, on one line and fully visible."""

    kind = "text"
    column_path = "django.db.models.CharField"

    def __init__(
        self,
        label: Bilingual,
        longest: int,
        required: str = "O",
        *,
        one_of: tuple[str, ...] = (),
        **said: Any,
    ) -> None:
        self.longest = longest
        self.one_of = one_of
        self.one_line = longest <= 120
        super().__init__(label, required, max_length=longest, **said)

    def typed(self, value: Any, today: date | None) -> str:
        if not isinstance(value, str):
            raise ItemRefused("text", T("A text is expected.", "应填文本。"))
        parsing.refuse_broken_text(value)
        if self.one_line:
            parsing.refuse_invisible(value)
        if len(value) > self.longest:
            raise ItemRefused(
                "length",
                Bilingual(
                    f"At most {self.longest} characters, not {len(value)}.",
                    f"最多 {self.longest} 个字符,现为 {len(value)} 个。",
                ),
            )
        if self.one_of and value not in self.one_of:
            raise _not_offered(value)
        return value

    def parse(self, text: Any, *, today: date) -> Parsed:
        """Take the text; a browser's line ends become plain ones, blank text becomes no answer."""
        typed = parsing.LINE_BREAKS.sub("\n", _one(text))
        return Parsed(self.clean(typed.strip(" ") if self.one_line else typed) if typed.strip() else None)


class RefItem(Item, models.CharField):
    """A reference to another record by its identity.

    `target`: "lesion" (L1), "device" (DES1, study devices and prior stents), "stent" (DES, BMS, PS),
    "product" (catalogue code, of `product_kind`), "person" (user id), "subject" (subject id),
    "page:AE" (page id), "event" (the page that an adjudication is about).
    """

    kind = "ref"
    column_path = "django.db.models.CharField"

    def __init__(
        self, label: Bilingual, target: str, required: str = "O", *, product_kind: str = "", **said: Any
    ) -> None:
        self.target = target
        self.product_kind = product_kind
        super().__init__(label, required, max_length=REFERENCE_LENGTH, **said)

    def typed(self, value: Any, today: date | None) -> str:
        if not isinstance(value, str) or len(value) > REFERENCE_LENGTH:
            raise _not_offered(value)
        parsing.refuse_broken_text(value)
        parsing.refuse_invisible(value)
        return value

    def parse(self, text: Any, *, today: date) -> Parsed:
        return parsing.read(_one(text), lambda plain: self.clean(plain), str)


class FileItem(RefItem):
    """A reference to uploaded, de-identified files, by the digest under which they are kept."""

    kind = "file"

    def __init__(self, label: Bilingual, required: str = "O", **said: Any) -> None:
        super().__init__(label, "file", required, **said)


def _one(text: Any) -> str:
    if isinstance(text, str):
        return text
    raise ItemRefused("text", T("One answer is expected.", "只能有一个回答。"))


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


def _not_offered(value: Any) -> ItemRefused:
    shown = parsing.visible(str(value))
    return ItemRefused(
        "choice", Bilingual(f'"{shown}" is not one of the answers.', f'"{shown}" 不在可选答案之中。')
    )
