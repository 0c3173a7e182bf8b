"""The show-if language reads the protocol's own cells, and nothing that could do harm."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.expressions import ExpressionRefused, parse
from tests.protocol import book

CONDITIONS = [
    ("consent_obtained=Y", {"consent_obtained": "Y"}, True),
    ("consent_obtained=Y", {"consent_obtained": "N"}, False),
    ("age=18", {"age": 18}, True),
    ("dm_type<>N", {"dm_type": "T2"}, True),
    ("dm_type<>N", {"dm_type": None}, False),
    ("pregnancy_test in (NEG,POS)", {"pregnancy_test": "POS"}, True),
    ("pregnancy_test in (NEG,POS)", {"pregnancy_test": "ND"}, False),
    ("rutherford_target>=4 or tissue_loss=Y", {"rutherford_target": "4", "tissue_loss": "N"}, True),
    ("rutherford_target>=4 or tissue_loss=Y", {"rutherford_target": "3", "tissue_loss": "N"}, False),
    ("ae_serious=Y and ae_rel_device>0", {"ae_serious": "Y", "ae_rel_device": "0"}, False),
    ("ae_serious=Y and ae_rel_device>0", {"ae_serious": "Y", "ae_rel_device": "1"}, True),
    ("prior_isr_tx<>NONE", {"prior_isr_tx": ["NONE"]}, False),
    ("prior_isr_tx<>NONE", {"prior_isr_tx": ["POBA", "DCB"]}, True),
    ("prior_isr_tx<>NONE", {"prior_isr_tx": []}, False),
    ("ae_aesi contains BLEED", {"ae_aesi": ["MI", "BLEED"]}, True),
    ("ae_aesi contains any of (ALI,TLTHR,ACC)", {"ae_aesi": ["MI", "ACC"]}, True),
    ("ae_aesi contains any of (ALI,TLTHR,ACC)", {"ae_aesi": ["MI"]}, False),
    ("symptoms contains (ULC or GANG)", {"symptoms": ["GANG"]}, True),
    ("rev_abi_pre present", {"rev_abi_pre": Decimal("0.00")}, True),
    ("rev_abi_pre present", {}, False),
    ("rev_edge_mm blank", {"rev_edge_mm": 0}, False),
    ("rev_date=proc_date", {"rev_date": "2026-03-01", "proc_date": date(2026, 3, 1)}, True),
    ("rev_date=proc_date", {"rev_date": "2026-03", "proc_date": date(2026, 3, 1)}, False),
    ("rev_side=target limb", {"rev_side": "L", "target_limb": "L"}, True),
    ("rev_side=target limb", {"rev_side": "L"}, False),
    ("lb_value outside lb_lln–lb_uln", {"lb_value": 9, "lb_lln": 3, "lb_uln": 8}, True),
    ("lb_value outside lb_lln–lb_uln", {"lb_value": 8, "lb_lln": 3, "lb_uln": 8}, False),
    ("lb_value outside lb_lln–lb_uln", {"lb_value": 9, "lb_lln": 3}, False),
    ("dcb_no>1", {"dcb_no": "DCB2"}, True),
    ("dcb_no>1", {"dcb_no": 1}, False),
    ("xr_stent is DES or BMS", {"xr_stent": "BMS1"}, True),
    ("xr_stent is DES or BMS", {"xr_stent": "PS1"}, False),
    ("a=Y or b=Y and c=Y", {"a": "Y"}, True),
    ("(a=Y or b=Y) and c=Y", {"a": "Y"}, False),
    ("bcs.tissue_loss=Y", {"bcs.tissue_loss": "Y"}, True),
    ("bl_barc=3a", {"bl_barc": "3a"}, True),
]


@pytest.mark.parametrize(("text", "values", "expected"), CONDITIONS)
def test_answers(text: str, values: dict[str, Any], expected: bool) -> None:
    assert parse(text).evaluate(values) is expected


def test_reads() -> None:
    expression = parse("rev_side=target limb and (rev_vessels contains FP or rev_byp_tl=Y)")
    assert expression.reads == {"rev_side", "target_limb", "rev_vessels", "rev_byp_tl"}


def test_to_json_for_the_browser() -> None:
    assert parse("a in (X,Y) and b>=4").to_json() == [
        "and",
        ["in", "a", ["X", "Y"], []],
        [">=", "b", ["4"], []],
    ]


@pytest.mark.urs("EDQ-09")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "__import__('os')",
        "a=Y; b=N",
        "f(a)",
        "a.b.c=Y",
        "a.__class__=Y",
        "a==Y",
        "a=Y and",
        "a=Y b=N",
        "a in ()",
        "(a=Y",
        "a contains",
        "a=Y or or b=Y",
        "Y=a",
        "(" * 21 + "a=Y" + ")" * 21,
        "(" * 100_000,
        "a=Y or " * 10_000 + "a=Y",
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(ExpressionRefused):
        parse(text)


@pytest.mark.urs("EDQ-09")
@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        expression = parse(text)
    except ExpressionRefused:
        return
    assert expression.evaluate({}) in (True, False)


@book.needs_the_book
def test_every_show_if_of_the_protocol_is_read() -> None:
    for rows in book.forms().values():
        for row in rows:
            text = row.get("show if", "")
            if text and "overlaps" not in text:
                assert parse(text).reads
