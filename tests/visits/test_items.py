"""Items take what was meant and refuse the rest in words; they never guess (EDQ-02, EDQ-03)."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.postgres.fields import ArrayField
from django.db import models
from hypothesis import given
from hypothesis import strategies as st

from protocol.codelists import NY, PRIORTX
from protocol.words import T
from visits.crfs import FORMS
from visits.items import (
    CodeItem,
    ConfirmNeeded,
    DateItem,
    DateTimeItem,
    DecItem,
    FileItem,
    IntItem,
    Item,
    ItemRefused,
    MultiCodeItem,
    Parsed,
    PartialDateItem,
    Range,
    RefItem,
    TextItem,
    Unusual,
    local_day,
)

TODAY = date(2026, 3, 1)
LABEL = T("Height", "身高")
HEIGHT = DecItem(LABEL, 4, 1, "R", unit="cm", hard=Range(100, 220), soft=Range(140, 195))
EDGE = IntItem(LABEL, hard=Range(-100, 500))
FREE = DecItem(LABEL, 9, 3)
DAY = DateItem(LABEL)
EXPIRY = DateItem(LABEL, future_ok=True)
PART = PartialDateItem(LABEL)
BIRTH = PartialDateItem(LABEL, precision="month")
MOMENT = DateTimeItem(LABEL)
ANSWER = CodeItem(LABEL, NY, soft=Unusual("N"))
PRIOR = MultiCodeItem(LABEL, PRIORTX, exclusive=("NONE",))
LOT = TextItem(LABEL, 30)
STORY = TextItem(LABEL, 500)
SIGN = TextItem(LABEL, 2, one_of=("<", ">"))
LESION = RefItem(LABEL, "lesion")
EVERY = [HEIGHT, EDGE, FREE, DAY, EXPIRY, PART, BIRTH, MOMENT, ANSWER, PRIOR, LOT, STORY, SIGN, LESION]


def refused(item: Item, text: Any) -> str:
    with pytest.raises(ItemRefused) as caught:
        item.parse(text, today=TODAY)
    assert caught.value.message.en
    assert caught.value.message.zh
    return caught.value.code


@pytest.mark.urs("EDQ-02")
@pytest.mark.parametrize(
    ("item", "text", "value", "raw"),
    [
        (HEIGHT, "170.5", Decimal("170.5"), None),
        (HEIGHT, " 170.5 ", Decimal("170.5"), " 170.5 "),
        (HEIGHT, "170", Decimal("170.0"), "170"),
        (FREE, "-0.050", Decimal("-0.050"), None),
        (EDGE, "-100", -100, None),
        (EDGE, "007", 7, "007"),
        (EDGE, "0", 0, None),
    ],
)
def test_numbers(item: Item, text: str, value: Any, raw: str | None) -> None:
    assert item.parse(text, today=TODAY) == Parsed(value, raw)


@pytest.mark.urs("EDQ-02")
@pytest.mark.parametrize("item", [HEIGHT, EDGE, FREE])
@pytest.mark.parametrize(
    "text",
    [
        "1_0",
        "1e3",
        "1E400",
        "٣",
        "NaN",
        "Infinity",
        "1,5",
        "1,234.5",
        "−5",
        "-0",
        "+5",
        "5.",
        ".5",
        "1 5",
        "x",
        "¾",
        "五",
    ],
)
def test_texts_that_are_not_numbers(item: Item, text: str) -> None:
    assert refused(item, text) == "number"


def test_numbers_are_never_rounded_or_cut() -> None:
    assert refused(EDGE, "9" * 5000) == "digits"
    assert refused(HEIGHT, "9" * 5000) == "digits"
    assert refused(HEIGHT, "170.55") == "decimals"
    assert refused(EDGE, "1.0") == "decimals"
    assert refused(FREE, "1234567") == "digits"
    assert refused(EDGE, "99999999999") == "digits"


@pytest.mark.parametrize(
    ("text", "code"),
    [("99.9", "range"), ("100.0", ""), ("220.0", ""), ("220.1", "range"), ("-170.0", "range")],
)
def test_hard_ranges_include_their_ends(text: str, code: str) -> None:
    if code:
        assert refused(HEIGHT, text) == code
    else:
        assert HEIGHT.parse(text, today=TODAY).value == Decimal(text)


def test_a_refusal_names_the_limit() -> None:
    with pytest.raises(ItemRefused) as caught:
        HEIGHT.clean(Decimal("250.0"))
    assert caught.value.message == T("Height: outside 100–220 cm.", "身高:超出范围 100–220 cm。")


@pytest.mark.parametrize("value", ["140.0", "195.0"])
def test_soft_ranges_include_their_ends(value: str) -> None:
    assert HEIGHT.unusual(Decimal(value)) is None


def test_unusual_values_are_asked_about() -> None:
    assert HEIGHT.unusual(Decimal("195.1")) == T("Height: outside 140–195 cm.", "身高:超出范围 140–195 cm。")
    assert HEIGHT.unusual(None) is None
    assert ANSWER.unusual("Y") is None
    assert ANSWER.unusual("N") == T('Height: please confirm "No".', '身高:请确认"否"。')


@pytest.mark.parametrize(
    ("limit", "value", "inside"),
    [
        (Range(above=0), Decimal(0), False),
        (Range(above=0), Decimal("0.001"), True),
        (Range(hi=60), 60, True),
        (Range(hi=60), 61, False),
        (Range(1), 0, False),
        (Unusual("P2"), ["P1", "P2"], False),
        (Unusual("P2"), ["P1"], True),
    ],
)
def test_limits(limit: Range | Unusual, value: Any, inside: bool) -> None:
    assert (value in limit) is inside


def test_limits_in_words() -> None:
    words = [str(limit) for limit in (Range(1, 5), Range(1), Range(hi=5), Range(above=0))]
    assert words == ["1–5", "≥ 1", "≤ 5", "> 0"]


@pytest.mark.urs("EDQ-02")
@pytest.mark.parametrize(
    ("item", "text", "suggestion"),
    [
        (HEIGHT, "１７０．５", "170.5"),
        (EDGE, "－５", "-5"),
        (DAY, "２０２６－０３－０１", "2026-03-01"),
        (PART, "２０２４", "2024"),
        (ANSWER, "Ｙ", "Y"),
        (LESION, "Ｌ１", "L1"),
    ],
)
def test_full_width_input_is_shown_back(item: Item, text: str, suggestion: str) -> None:
    with pytest.raises(ConfirmNeeded) as caught:
        item.parse(text, today=TODAY)
    assert caught.value.suggestion == suggestion
    assert item.parse(suggestion, today=TODAY).raw is None


def test_full_width_nonsense_is_refused_as_nonsense() -> None:
    assert refused(HEIGHT, "１２，５") == "number"
    assert refused(HEIGHT, "９９９") == "range"


@pytest.mark.urs("EDQ-03")
@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01",
        "2026-3-1",
        "20260301",
        "2026/03/01",
        "2026/3/1",
        "2026.3.1",
        "2026年3月1日",
        "2026年03月01日",
        "2026年3月1号",
    ],
)
def test_dates(text: str) -> None:
    parsed = DAY.parse(text, today=TODAY)
    assert parsed.value == date(2026, 3, 1)
    assert parsed.raw == (None if text == "2026-03-01" else text)


@pytest.mark.urs("EDQ-03")
@pytest.mark.parametrize("item", [DAY, PART])
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("03/04/2025", "ambiguous"),
        ("1 3 2026", "ambiguous"),
        ("01-02-2026", "ambiguous"),
        ("01.02.2026", "ambiguous"),
        ("3/4/25", "ambiguous"),
        ("26/3/1", "ambiguous"),
        ("2026/03-01", "date"),
        ("2026/3/32", "date"),
        ("260301", "ambiguous"),
        ("2023-02-29", "date"),
        ("2026-13-01", "date"),
        ("0001-01-01", "date"),
        ("1899-12-31", "date"),
        ("9999-12-31", "future"),
        ("2026-03-02", "future"),
        ("tomorrow", "date"),
        ("٢٠٢٦-٠٣-٠١", "date"),
    ],
)
def test_dates_refused(item: Item, text: str, code: str) -> None:
    assert refused(item, text) == code


@pytest.mark.parametrize("text", ["2024-02-29", "1900-01-01", "2026-03-01"])
def test_dates_at_the_edge(text: str) -> None:
    assert DAY.parse(text, today=TODAY).value.isoformat() == text


def test_an_expiry_date_may_lie_ahead_but_not_for_ever() -> None:
    assert EXPIRY.parse("2028-06-30", today=TODAY).value == date(2028, 6, 30)
    assert refused(EXPIRY, "9999-12-31") == "date"


@pytest.mark.urs("EDQ-03")
@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("2024", "2024"),
        ("2024-5", "2024-05"),
        ("2024/5", "2024-05"),
        ("2024.05", "2024-05"),
        ("202405", "2024-05"),
        ("2024年5月", "2024-05"),
        ("2024/5/7", "2024-05-07"),
        (["202405", "", ""], "2024-05"),
        (["20240507", "", ""], "2024-05-07"),
        ("2024-UN-UN", "2024"),
        ("2024-05-UN", "2024-05"),
        ("2024-05-07", "2024-05-07"),
        ("20240507", "2024-05-07"),
        (["2024", "5", "7"], "2024-05-07"),
        (["2024", "5", ""], "2024-05"),
        (["2024", "", ""], "2024"),
    ],
)
def test_partial_dates_keep_their_parts(typed: Any, value: str) -> None:
    assert PART.parse(typed, today=TODAY).value == value


@pytest.mark.parametrize(
    "typed",
    [["2024", "", "7"], ["", "5", "7"], "24", "5/2024", "2024-13", "202413", "200312", "2024-0", "2027"],
)
def test_partial_dates_refused(typed: Any) -> None:
    assert refused(PART, typed) in ("date", "ambiguous", "future")


def test_the_day_of_birth_is_never_taken() -> None:
    assert BIRTH.parse("1956-07", today=TODAY).value == "1956-07"
    assert refused(BIRTH, "1956-07-08") == "precision"


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01 14:05",
        "2026-03-01T14:05",
        "20260301 14:05",
        "20260301 1405",
        "202603011405",
        "2026/3/1 14:05",
        "2026年3月1日 14时05分",
    ],
)
def test_moments_stand_in_the_studys_zone(text: str) -> None:
    value = MOMENT.parse(text, today=TODAY).value
    assert value == datetime(2026, 3, 1, 6, 5, tzinfo=UTC)
    assert MOMENT.show(value, "en") == "2026-03-01 14:05"
    assert local_day(datetime(2026, 2, 28, 16, 0, tzinfo=UTC)) == TODAY


@pytest.mark.parametrize(
    "text",
    ["2026-03-01", "2026-03-01 25:00", "2026-03-01 1:60", "03/01/2026 14:05", "2026-03-02 00:00", "14:05"],
)
def test_moments_refused(text: str) -> None:
    assert refused(MOMENT, text) in ("date", "time", "ambiguous", "future")


@pytest.mark.parametrize("clock", ["9:30", "09:30", "0930", "9时30分"])
def test_a_time_of_day_is_read_in_each_plain_form(clock: str) -> None:
    assert MOMENT.parse(f"2026-02-28 {clock}", today=TODAY).value == datetime(2026, 2, 28, 1, 30, tzinfo=UTC)


@pytest.mark.urs("EDQ-03")
@given(day=st.dates(date(1900, 1, 1), TODAY), sign=st.sampled_from(["-", "/", "."]))
def test_every_day_is_read_from_each_form_with_the_year_first(day: date, sign: str) -> None:
    written = (
        day.isoformat(),
        f"{day:%Y%m%d}",
        f"{day.year}{sign}{day.month}{sign}{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
    )
    assert {DAY.parse(text, today=TODAY).value for text in written} == {day}


@pytest.mark.urs("EDQ-03")
@given(day=st.dates(date(1900, 1, 1), TODAY), sign=st.sampled_from(["-", "/", ".", " "]))
def test_no_day_is_read_with_the_year_last(day: date, sign: str) -> None:
    """Nobody can tell 03/04/2025 from 04/03/2025; the sentence says how to write it, in both languages."""
    for text in (f"{day.day}{sign}{day.month}{sign}{day.year}", f"{day:%m}{sign}{day:%d}{sign}{day:%Y}"):
        with pytest.raises(ItemRefused) as why:
            DAY.parse(text, today=TODAY)
        assert why.value.code == "ambiguous"
        assert "2026-03-01" in why.value.message.en and "2026年3月1日" in why.value.message.zh


def test_codes() -> None:
    assert ANSWER.parse(" Y", today=TODAY).value == "Y"
    assert refused(ANSWER, "y") == "choice"
    assert refused(ANSWER, "MAYBE") == "choice"
    assert refused(ANSWER, ["Y", "N"]) == "text"
    assert ANSWER.show("N", "zh-hans") == "否"


def test_selections() -> None:
    assert PRIOR.parse(["DCB", "POBA"], today=TODAY).value == ["POBA", "DCB"]  # in the codelist's order
    assert PRIOR.parse("DCB, POBA", today=TODAY).value == ["POBA", "DCB"]
    assert PRIOR.parse([], today=TODAY).value is None
    assert refused(PRIOR, ["DCB", "DCB"]) == "twice"
    assert refused(PRIOR, ["NONE", "DCB"]) == "exclusive"
    assert refused(PRIOR, ["LASER"]) == "choice"
    assert PRIOR.show(["POBA", "DCB"], "en") == "Plain balloon; DCB"


@pytest.mark.parametrize(
    "text", ["😀 emoji", "𠮷野家", "㛃", "cafe\u0301", "café", "line\nline", "👨\u200d👩\u200d👧", "a\u202eb"]
)
def test_free_text_is_stored_exactly(text: str) -> None:
    assert STORY.parse(text, today=TODAY) == Parsed(text)
    assert STORY.from_json(STORY.to_json(text)) == text


def test_line_ends_of_the_browser_are_not_content() -> None:
    assert STORY.parse("a\r\nb", today=TODAY).value == "a\nb"
    assert STORY.parse(" \r\n ", today=TODAY).value is None


@pytest.mark.parametrize("text", ["a\u202eb", "a\u200bb", "\ufeffa", "a\nb", "a\tb"])
def test_names_and_codes_hold_nothing_invisible(text: str) -> None:
    assert refused(LOT, text) == "characters"


@pytest.mark.parametrize("item", EVERY)
@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b", "\x1b[0m"])
def test_no_item_takes_what_cannot_be_stored(item: Item, text: str) -> None:
    assert refused(item, text) in ("characters", "choice")


def test_text_is_never_cut() -> None:
    assert STORY.parse("𠮷" * 500, today=TODAY).value == "𠮷" * 500
    assert refused(STORY, "x" * 501) == "length"
    assert refused(STORY, "x" * 1_000_000) == "length"
    assert refused(SIGN, "=") == "choice"


@pytest.mark.parametrize("item", EVERY)
@pytest.mark.parametrize("text", ["", "   ", "\u3000"])
def test_blank_is_no_answer(item: Item, text: str) -> None:
    if item is not STORY or text.strip():
        assert item.parse(text, today=TODAY).value is None


@pytest.mark.parametrize("item", EVERY)
@given(text=st.text(max_size=40))
def test_any_text_is_taken_or_refused(item: Item, text: str) -> None:
    try:
        parsed = item.parse(text, today=TODAY)
    except ItemRefused:
        return
    if parsed.value is not None:
        assert item.clean(parsed.value, today=TODAY) == parsed.value


@pytest.mark.parametrize(
    ("item", "value"),
    [
        (HEIGHT, 170.5),
        (HEIGHT, "170.5"),
        (HEIGHT, True),
        (HEIGHT, Decimal("NaN")),
        (HEIGHT, Decimal("170.50")),
        (EDGE, 5.0),
        (EDGE, True),
        (EDGE, Decimal(5)),
        (DAY, "2026-03-01"),
        (DAY, datetime(2026, 3, 1, tzinfo=UTC)),
        (MOMENT, datetime(2026, 3, 1)),  # a moment without its zone
        (MOMENT, TODAY),
        (PART, TODAY),
        (ANSWER, ["Y"]),
        (ANSWER, 1),
        (PRIOR, "DCB"),
        (PRIOR, [1]),
        (LOT, 5),
        (LESION, 5),
    ],
)
def test_values_of_another_type_are_refused(item: Item, value: Any) -> None:
    with pytest.raises(ItemRefused):
        item.clean(value, today=TODAY)


@pytest.mark.parametrize(
    ("item", "value", "stored"),
    [
        (HEIGHT, Decimal("170.5"), "170.5"),
        (EDGE, -5, -5),
        (DAY, TODAY, "2026-03-01"),
        (PART, "2024-05", "2024-05"),
        (MOMENT, datetime(2026, 3, 1, 6, 5, tzinfo=UTC), "2026-03-01T06:05:00+00:00"),
        (ANSWER, "Y", "Y"),
        (PRIOR, ["POBA", "DCB"], ["POBA", "DCB"]),
        (STORY, "𠮷", "𠮷"),
    ],
)
def test_json_there_and_back(item: Item, value: Any, stored: Any) -> None:
    assert item.to_json(value) == stored
    assert item.from_json(stored) == value
    assert item.to_json(None) is None
    assert item.from_json(None) is None


def test_a_decimal_from_jsonb_keeps_its_places() -> None:
    assert str(HEIGHT.from_json(Decimal("170"))) == "170.0"
    assert str(FREE.from_json(1.5)) == "1.500"


def test_what_is_required() -> None:
    item = CodeItem(LABEL, NY, "C!", show_if="sex=F")
    assert item.is_shown({"sex": "F"})
    assert item.is_required({"sex": "F"})
    assert not item.is_required({"sex": "M"})
    assert not item.is_required({})
    assert not item.accepts_missing
    assert item.depends_on == {"sex"}
    assert not CodeItem(LABEL, NY, "O").is_required({})
    assert CodeItem(LABEL, NY, "R").accepts_missing


def test_required_only_while_a_condition_holds() -> None:
    item = CodeItem(LABEL, NY, "C!", required_if="elig_outcome=ELIG")
    assert item.is_shown({})
    assert not item.is_required({"elig_outcome": "SF"})
    assert item.is_required({"elig_outcome": "ELIG"})


def test_unknown_letters_are_refused() -> None:
    with pytest.raises(ValueError, match="required"):
        CodeItem(LABEL, NY, "X")


def test_wording_and_limits_are_not_schema() -> None:
    first = CodeItem(LABEL, NY, "R", show_if="a=Y", sdtm="X", soft=Unusual("N"))
    second = CodeItem(T("Other words", "其他"), PRIORTX, "O")
    first.set_attributes_from_name("x")
    second.set_attributes_from_name("x")
    assert first.deconstruct() == second.deconstruct()


@pytest.mark.parametrize(
    ("item", "field"),
    [
        (HEIGHT, models.DecimalField),
        (EDGE, models.IntegerField),
        (DAY, models.DateField),
        (PART, models.CharField),
        (MOMENT, models.DateTimeField),
        (ANSWER, models.CharField),
        (PRIOR, ArrayField),
        (LOT, models.CharField),
        (LESION, models.CharField),
        (FileItem(LABEL), models.CharField),
    ],
)
def test_migrations_see_plain_nullable_fields(item: Item, field: type) -> None:
    assert type(item.clone()) is field
    assert item.deconstruct()[1].startswith("django.")
    assert item.clone().null


def test_a_moment_stands_in_jsonb_alike_in_whatever_zone_it_was_given() -> None:
    item = FORMS["AE"].items()["ae_aware_dt"]
    here = datetime(2026, 3, 1, 14, 5, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert item.to_json(here) == item.to_json(here.astimezone(UTC)) == "2026-03-01T06:05:00+00:00"
