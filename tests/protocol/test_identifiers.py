"""A subject's number carries a check character that catches one wrong digit and one swap."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.identifiers import check_character, is_valid, screening_no, usubjid

SITES = st.sampled_from([f"{number:02d}" for number in range(1, 13)])
SEQUENCES = st.integers(min_value=1, max_value=999)


def test_the_protocols_example() -> None:
    assert usubjid("07", 12) == "DEFIER-07-012-2"
    assert screening_no("07", 12) == "S07012"


@given(site=SITES, seq=SEQUENCES)
def test_own_numbers_are_valid(site: str, seq: int) -> None:
    assert is_valid(usubjid(site, seq))


@given(site=SITES, seq=SEQUENCES, position=st.integers(0, 4), digit=st.sampled_from("0123456789"))
def test_a_wrong_digit_is_caught(site: str, seq: int, position: int, digit: str) -> None:
    digits = f"{site}{seq:03d}"
    wrong = digits[:position] + digit + digits[position + 1 :]
    if wrong != digits:
        assert not is_valid(f"DEFIER-{wrong[:2]}-{wrong[2:]}-{check_character(site, seq)}")


@given(site=SITES, seq=SEQUENCES, position=st.integers(0, 3))
def test_a_swap_of_neighbours_is_caught(site: str, seq: int, position: int) -> None:
    digits = f"{site}{seq:03d}"
    swapped = digits[:position] + digits[position + 1] + digits[position] + digits[position + 2 :]
    if swapped != digits:
        assert not is_valid(f"DEFIER-{swapped[:2]}-{swapped[2:]}-{check_character(site, seq)}")


def test_every_check_character_occurs() -> None:
    found = {check_character("07", seq) for seq in range(1, 1000)}
    assert found == set("0123456789X")


@pytest.mark.parametrize(
    "text", ["", "DEFIER-07-012", "DEFIER-07-012-3", "DEFIER-07-000-4", "defier-07-012-2", "٠٧"]
)
def test_other_texts_are_not_numbers(text: str) -> None:
    assert not is_valid(text)


@pytest.mark.parametrize(("site", "seq"), [("7", 1), ("٠٧", 1), ("07", 0), ("07", 1000)])
def test_impossible_numbers_are_refused(site: str, seq: int) -> None:
    with pytest.raises(ValueError, match="a site"):
        usubjid(site, seq)


@pytest.mark.urs("PRI-02")
def test_every_single_character_error_and_every_swap_of_neighbours_is_caught() -> None:
    """All 12 sites and every seventh sequence, at each place of the whole number, exhaustively."""
    signs = "0123456789ABCDEFIRX-"
    for site in (f"{number:02d}" for number in range(1, 13)):
        for seq in range(1, 1000, 7):
            number = usubjid(site, seq)
            for place, sign in enumerate(number):
                for other in signs:
                    assert other == sign or not is_valid(number[:place] + other + number[place + 1 :])
                swapped = number[:place] + number[place + 1 : place + 2] + sign + number[place + 2 :]
                assert swapped == number or not is_valid(swapped)
