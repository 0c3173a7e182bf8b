"""The three kinds of device codes, and what is none of them."""

import pytest

from protocol.udi import is_gtin, is_udi

GTIN = "06901234567892"


@pytest.mark.parametrize(
    "code",
    [
        f"(01){GTIN}(17)251231(10)A12345",
        f"(01){GTIN}",
        f"01{GTIN}17251231102345",
        f"]d201{GTIN}17251231",
        f"  (01){GTIN}(21)1  ",
        "MA.156.M0.100001.12345678",
        "MA.156.M0.100001.12345678.LA123.D201231",
        "81234567890123456789",
    ],
)
def test_a_code_of_each_issuer(code: str) -> None:
    assert is_udi(code)


@pytest.mark.parametrize(
    "text",
    [
        "see sticker",
        "12345",
        "(01)06901234567893(10)A1",
        "(01)0690123456789",
        "MA.156.M0.100001",
        "7123456789012345678",
        "91234567890123456789",
        "",
    ],
)
def test_anything_else_is_none(text: str) -> None:
    assert not is_udi(text)


def test_one_wrong_digit_is_seen() -> None:
    assert is_gtin(GTIN)
    for place in range(len(GTIN)):
        for digit in "0123456789":
            changed = GTIN[:place] + digit + GTIN[place + 1 :]
            assert is_gtin(changed) == (digit == GTIN[place])
