"""Reading what was typed at the keyboard, without ever guessing (design §3.8, EDQ-02, EDQ-03).

Each reader takes text and returns a value, or raises ItemRefused saying what was expected. Full-width
characters are turned into their plain forms for reading, and the reading is offered for confirmation.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from protocol.partial_dates import PartialDate
from protocol.words import Bilingual, T
from visits.items.refusals import ConfirmNeeded, ItemRefused, Parsed

ZONE = ZoneInfo("Asia/Shanghai")
FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
LINE_BREAKS = re.compile("\r\n?")

WHOLE = re.compile(r"(?:0|-?[1-9][0-9]*|0[0-9]+)")
DECIMAL = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
# The year first, in four digits: nobody writes year, day, month, so that one sign or another is no guess.
DATE = re.compile(
    r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})|([0-9]{4})([0-9]{2})([0-9]{2})"
    r"|([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})[日号]"
)
PART = re.compile(r"([0-9]{4})(?:[-/.]?([0-9]{2})|[-/.]([0-9]))?|([0-9]{4})年(?:([0-9]{1,2})月)?")
UNKNOWN_PARTS = re.compile("(?:-UN){1,2}$")
TIME = re.compile(
    r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?|([0-9]{2})([0-9]{2})|([0-9]{1,2})[时点]([0-9]{2})分"
)
SHORT_YEAR = re.compile(r"[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")
TOGETHER = re.compile(r"([0-9]{8})([0-9]{4})")
AMBIGUOUS = re.compile(r"[0-9]{1,2}[/. -][0-9]{1,2}[/. -][0-9]{1,4}|[0-9]{1,4} [0-9]{1,2} [0-9]{1,4}")

HOW_DATE = T(
    "write the date as 2026-03-01, 20260301 or 2026年3月1日",
    "请按 2026-03-01、20260301 或 2026年3月1日 填写日期",
)
HOW_PART = T("write 2026, 2026-03 or 2026-03-01", "请填写 2026、2026-03 或 2026-03-01")
HOW_TIME = T("write the date and time as 2026-03-01 14:05", "请按 2026-03-01 14:05 填写日期和时间")


def read(typed: Any, reader: Callable[[str], Any], printed: Callable[[Any], str]) -> Parsed:
    """Read one typed text with `reader`; ConfirmNeeded when it was written in full-width characters."""
    typed = one_answer(typed)
    refuse_broken_text(typed)
    text = typed.strip(" \t\r\n")
    plain = text.translate(FULL_WIDTH).strip()
    if not plain:
        return Parsed(None)
    value = reader(plain)
    if plain != text:
        raise ConfirmNeeded(printed(value), typed)
    return Parsed(value, None if printed(value) == typed else typed)


def whole_number(text: str) -> int:
    """Read an integer: ASCII digits, perhaps after a hyphen-minus."""
    if DECIMAL.fullmatch(text) and "." in text:
        raise ItemRefused(
            "decimals", T("A whole number is expected, without decimals.", "应填整数,不带小数。")
        )
    if not WHOLE.fullmatch(text):
        raise not_a_number(text)
    if len(text) > 40 or abs(value := int(text)) > 2_147_483_647:
        raise ItemRefused("digits", T("The number is too large.", "数值过大。"))
    return value


def decimal_number(text: str) -> Decimal:
    """Read a decimal number exactly as written; a minus before nothing but zeros is refused."""
    if not DECIMAL.fullmatch(text):
        raise not_a_number(text)
    value = Decimal(text)
    if value.is_signed() and not value:
        raise not_a_number(text)
    return value


def not_a_number(text: str) -> ItemRefused:
    """Say why a text is not a number, naming the trap when it is a known one."""
    shown = visible(text)
    if "," in text:
        why = T("with a decimal point, and no comma", "请用小数点,不用逗号")
    elif "−" in text or "–" in text:
        why = T("with a plain hyphen for the minus", "负号请用半角连字符")
    elif re.search("[eE]", text) and re.search("[0-9]", text):
        why = T("without an exponent", "不用科学计数法")
    else:
        why = T("in plain digits 0–9", "请用数字 0–9")
    return ItemRefused(
        "number",
        Bilingual(f'"{shown}" is not a number: write it {why.en}.', f'"{shown}" 不是数字:{why.zh}。'),
    )


def full_date(text: str) -> date:
    """Read a full date in one of the unambiguous forms."""
    match = DATE.fullmatch(text)
    if match is None:
        raise not_a_date(text, HOW_DATE)
    return _calendar(*[int(part) for part in match.groups() if part and part.isdigit()])


def partial_date(text: str) -> str:
    """Read a full date, a year and month, or a year; return its ISO 8601 parts (2024-UN-UN is 2024)."""
    match = PART.fullmatch(UNKNOWN_PARTS.sub("", text))
    if SHORT_YEAR.fullmatch(text):  # 200312: December 2003, or 12 March 2020
        raise not_a_date(text, HOW_PART)
    if match is None:
        if DATE.fullmatch(text) is None:
            raise not_a_date(text, HOW_PART)
        return full_date(text).isoformat()
    year, *month = (int(part) for part in match.groups() if part is not None)
    _calendar(year, *month)
    return str(PartialDate(year, *month))


def date_and_time(text: str) -> datetime:
    """Read a date and a time of day in the study's zone."""
    apart = TOGETHER.sub(r"\1|\2", text) if TOGETHER.fullmatch(text) else text
    day, _, clock = re.sub(r"(?<=[0-9日号])[T ]+(?=[0-9])", "|", apart, count=1).partition("|")
    match = TIME.fullmatch(clock)
    if match is None or DATE.fullmatch(day) is None:
        raise not_a_date(text, HOW_TIME)
    hour, minute, *second = (int(part) for part in match.groups() if part is not None)
    if hour > 23 or minute > 59 or any(part > 59 for part in second):
        raise ItemRefused("time", T("There is no such time of day.", "没有这个时刻。"))
    on = full_date(day)
    return datetime(on.year, on.month, on.day, hour, minute, second[0] if second else 0, tzinfo=ZONE)


def local_day(moment: datetime) -> date:
    """Return the calendar day of a moment in the study's zone."""
    return moment.astimezone(ZONE).date()


def not_a_date(text: str, how: Bilingual) -> ItemRefused:
    """Say that a text is no date, or one that could be read in more than one way."""
    shown = visible(text)
    if AMBIGUOUS.match(text) or SHORT_YEAR.fullmatch(text):
        return ItemRefused(
            "ambiguous",
            Bilingual(
                f'"{shown}" could be more than one date: {how.en}.', f'"{shown}" 可能有多种含义:{how.zh}。'
            ),
        )
    return ItemRefused(
        "date", Bilingual(f'"{shown}" is not a date: {how.en}.', f'"{shown}" 不是日期:{how.zh}。')
    )


def one_answer(text: Any) -> str:
    """Return the text of an item that takes one answer; two answers are refused, not guessed from."""
    if isinstance(text, str):
        return text
    raise ItemRefused("text", T("One answer is expected.", "只能有一个回答。"))


def not_offered(value: Any) -> ItemRefused:
    """Say that a value is not among the answers."""
    shown = visible(str(value))
    return ItemRefused(
        "choice", Bilingual(f'"{shown}" is not one of the answers.', f'"{shown}" 不在可选答案之中。')
    )


def refuse_broken_text(text: str) -> None:
    """Refuse what no text may hold: control characters, halves of surrogate pairs, what a decoder has lost.

    U+FFFD stands for bytes that were no text: what somebody typed there is gone already.
    """
    for character in text:
        broken = unicodedata.category(character) in ("Cc", "Cs") or character == "\ufffd"
        if broken and character not in "\t\n\r":
            raise ItemRefused(
                "characters",
                Bilingual(
                    f"The text holds a character that cannot be stored (U+{ord(character):04X}).",
                    f"文本含有无法保存的字符(U+{ord(character):04X})。",
                ),
            )


def refuse_invisible(text: str) -> None:
    """Refuse invisible characters, such as direction overrides and zero-width spaces, in codes and names."""
    for character in text:
        if unicodedata.category(character) in ("Cf", "Zl", "Zp") or character in "\t\n\r":
            raise ItemRefused(
                "characters",
                Bilingual(
                    f"The text holds an invisible character (U+{ord(character):04X}): please type it again.",
                    f"文本含有不可见字符(U+{ord(character):04X}),请重新输入。",
                ),
            )


def visible(text: str) -> str:
    """Return text fit for a message: short, and with odd characters spelled as U+...."""
    shown = text[:40] + ("…" if len(text) > 40 else "")
    return "".join(c if c.isprintable() else f"[U+{ord(c):04X}]" for c in shown)


def _calendar(year: int, month: int = 1, day: int = 1) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise ItemRefused("date", T("There is no such day in the calendar.", "日历中没有这一天。")) from error
