"""The codes by which devices are identified in China: GS1, MA (ZIIOT) and AliHealth (protocol §3.16)."""

import re

SYMBOLOGY = re.compile(r"\][A-Za-z][0-9]")
GS1 = re.compile(r"\(01\)([0-9]{14})(?:\([0-9]{2,4}\)[!-~]{1,90})*|01([0-9]{14})[!-~]*")
MA = re.compile(r"MA\.[0-9]{3}\.[0-9A-Z]{2}\.[0-9A-Z]{6}\.[0-9A-Z]{8}(?:\.[A-Z][0-9A-Z-]*)*")
ALIHEALTH = re.compile(r"8[0-9]{19}")


def is_udi(text: str) -> bool:
    """Say whether a text is the code of one of the three issuers; a GS1 item number proves itself."""
    code = SYMBOLOGY.sub("", text.strip(), count=1) if text.strip().startswith("]") else text.strip()
    gs1 = GS1.fullmatch(code)
    if gs1:
        return is_gtin(gs1[1] or gs1[2])
    return bool(MA.fullmatch(code) or ALIHEALTH.fullmatch(code))


def is_gtin(digits: str) -> bool:
    """Say whether the last digit of a trade item number is the check digit of the others (modulo 10)."""
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return weighted % 10 == 0
