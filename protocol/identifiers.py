"""Numbers of subjects: site, sequence within the site, and a check character (protocol §1.4)."""

import re

PREFIX = "DEFIER"
USUBJID = re.compile(rf"{PREFIX}-([0-9]{{2}})-([0-9]{{3}})-([0-9X])")
SEQUENCES = range(1, 1000)


def check_character(site: str, seq: int) -> str:
    """Return the ISO 7064 MOD 11-2 check character of two digits of site and three of sequence."""
    product = 0
    for digit in _digits(site, seq):
        product = (product + int(digit)) * 2 % 11
    check = (12 - product) % 11
    return "X" if check == 10 else str(check)


def usubjid(site: str, seq: int) -> str:
    """Return the subject's identifier, such as DEFIER-07-012-2."""
    return f"{PREFIX}-{site}-{seq:03d}-{check_character(site, seq)}"


def screening_no(site: str, seq: int) -> str:
    """Return the same digits as a screening number, such as S07012."""
    return f"S{_digits(site, seq)}"


def enrolling_site(identifier: str) -> str:
    """Return the code of the site that gave this subject its number."""
    return identifier[len(PREFIX) + 1 :][:2]


def numbers_of(site: str) -> str:
    """Return how all numbers begin that a site has given: DEFIER-07-."""
    return f"{PREFIX}-{site}-"


def is_valid(identifier: str) -> bool:
    """Say whether `identifier` is a subject's identifier with the right check character."""
    match = USUBJID.fullmatch(identifier)
    if match is None or int(match[2]) not in SEQUENCES:
        return False
    return check_character(match[1], int(match[2])) == match[3]


def _digits(site: str, seq: int) -> str:
    if not re.fullmatch("[0-9]{2}", site):
        raise ValueError(f"a site code has two digits, not {site!r}")
    if seq not in SEQUENCES:
        raise ValueError(f"a site numbers its subjects from 1 to 999, not {seq}")
    return f"{site}{seq:03d}"
