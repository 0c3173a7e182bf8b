"""Worked examples in the notation of protocol §5.1: a course in tokens, and what must follow from it.

    CDTLR-02 | V@30 R@412(gap=0,why=sym) V@734 | CDTLR24 => E@412; CDTLR24B => Y    # a comment

`read(text)` returns the timelines of a file; what it does not know is a TimelineError naming the line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from protocol import endpoints

LINE = re.compile(r"\s*(?P<name>[^|#\s]+)\s*\|(?P<tokens>[^|]*)\|(?P<claims>[^|]*)")
TOKEN = re.compile(r"(?P<kind>[A-Z]+)(?:@(?P<day>\d+))?(?:\((?P<arguments>[^()]*)\))?")
BASELINE = re.compile(r"(?P<item>[A-Z]+)=(?P<value>\d+)")
CLAIM = re.compile(r"(?P<aj>AJ:)?(?P<paramcd>[A-Z0-9]+(?:\.[A-Z0-9]+)?)\s*=>\s*(?P<result>.+)")
TIMED = re.compile(r"(?:E|C(?P<cnsr>[1-5])?|AJ(?P<state>[012]))@(?P<day>\d+)(?:\s+L=(?P<left>\d+))?")
SPLIT = re.compile(r"\s+(?![^(]*\))")

FREE, FLAG, NUMBER = re.compile(r".+"), re.compile(r"[01]"), re.compile(r"\d+")
LESION = re.compile(r"[1-3]")
SIDE = re.compile(r"[TN]")
ARGUMENTS: dict[str, dict[str, re.Pattern[str]]] = {
    "V": {},
    "D": {"": re.compile(r"\d+(\.\d+)?|occ|nd"), "les": LESION},
    "G": {"": re.compile(r"\d+|nd"), "les": LESION},
    "R": {
        "side": SIDE,
        "ves": re.compile(r"FP|CFA|ILIAC|ILI|BTK|GRAFT|OTH"),
        "gap": NUMBER,
        "why": re.compile(r"sym|none"),
        "how": re.compile(r"perc|byp|rev|thr|lysis|enda"),
        "ok": FLAG,
        "occ": FLAG,
        "abi": re.compile(r"\d+>\d+"),
        "cec": re.compile(r"[YN]"),
        "sess": re.compile(r"sep"),
        "diag": FLAG,
        "plan": FLAG,
        "les": LESION,
        "byptl": FLAG,
    },
    "AM": {"": re.compile(r"TOE|RAY|TMA|MIDF|SYME|BKA|TKA|AKA|HIP"), "side": SIDE},
    "X": {},
    "W": {"vital": FLAG},
    "ABI": {"": NUMBER},
    "TBI": {"": NUMBER},
    "RU": {"": re.compile(r"[0-6]")},
    "XR": {"": re.compile(r"[0-5]|ne")},
    "MI": {},
    "BL": {"": re.compile(r"[0124]|3[abc]|5[ab]?")},
    "CR": {"": NUMBER},
    "ORG": {},
    "ALI": {"side": SIDE},
    "DIS": {},
    "DCO": {},
}
NEEDS_VALUE = frozenset(kind for kind, arguments in ARGUMENTS.items() if "" in arguments)
BASELINES = {"RU", "ABI", "TBI", "BCR", "RES"}
DEFAULTS = {"BCR": 80, "RES": 20}
DISCHARGE_DAY = 2


class TimelineError(ValueError):
    """A line that is not in the notation; the message names the line and what is wrong."""


@dataclass(frozen=True, slots=True)
class Token:
    """One dated happening: its kind, day and arguments; the unnamed argument is under ""."""

    kind: str
    day: int
    arguments: Mapping[str, str] = field(default_factory=dict)

    def get(self, name: str, default: str = "") -> str:
        """Return an argument, or its default."""
        return self.arguments.get(name, default)

    @property
    def lesion(self) -> str:
        """The lesion it concerns."""
        return f"L{self.get('les', '1')}"


@dataclass(frozen=True, slots=True)
class Claim:
    """One assertion: the endpoint, whether it is read as an Aalen–Johansen state, and the expected result."""

    paramcd: str
    expected: str
    aalen_johansen: bool = False
    lesion: str | None = None

    @property
    def name(self) -> str:
        """The left side as it was written."""
        suffix = "" if self.lesion is None else f".{self.lesion[1:]}"
        return f"{'AJ:' if self.aalen_johansen else ''}{self.paramcd}{suffix}"


@dataclass(frozen=True, slots=True)
class Timeline:
    """One worked example."""

    name: str
    line: int
    tokens: tuple[Token, ...]
    baseline: Mapping[str, int]
    claims: tuple[Claim, ...]

    def of(self, *kinds: str) -> list[Token]:
        """Return the tokens of these kinds, by day."""
        return sorted((token for token in self.tokens if token.kind in kinds), key=lambda token: token.day)

    @property
    def lesions(self) -> tuple[str, ...]:
        """The target lesions: L1 to the highest that a token names."""
        highest = max((int(token.get("les", "1")) for token in self.tokens), default=1)
        return tuple(f"L{number}" for number in range(1, highest + 1))


def read(text: str) -> list[Timeline]:
    """Read every line of a file; blank lines, comments and code fences are passed over."""
    return list(_timelines(text))


def examples(markdown: str) -> list[Timeline]:
    """Read the ```ex blocks of a page of the protocol, line numbers those of the page."""
    kept, inside = [], False
    for line in markdown.splitlines():
        if line.startswith("```"):
            inside = line.strip() == "```ex"
            kept.append("")
        else:
            kept.append(line if inside else "")
    return read("\n".join(kept))


def _timelines(text: str) -> Iterator[Timeline]:
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.partition("#")[0].strip()
        if not line or line.startswith("```"):
            continue
        match = LINE.fullmatch(line)
        if match is None:
            raise TimelineError(f"line {number}: expected NAME | tokens | assertions, got {line!r}")
        try:
            yield _timeline(number, match["name"], match["tokens"], match["claims"])
        except TimelineError as error:
            raise TimelineError(f"line {number} ({match['name']}): {error}") from None


def _timeline(number: int, name: str, tokens: str, claims: str) -> Timeline:
    happenings: list[Token] = []
    baseline: dict[str, int] = dict(DEFAULTS)
    for word in SPLIT.split(tokens.strip()):
        if not word:
            continue
        given = BASELINE.fullmatch(word)
        if given is not None:
            if given["item"] not in BASELINES:
                raise TimelineError(f"unknown baseline value {word!r}")
            baseline[given["item"]] = int(given["value"])
        else:
            happenings.append(_token(word))
    asked = tuple(_claim(part.strip()) for part in claims.split(";") if part.strip())
    if not asked:
        raise TimelineError("nothing is asserted")
    if len({token.get("abi").partition(">")[0] for token in happenings if token.get("abi")}) > 1:
        raise TimelineError("a subject has one reference ABI")
    for kind in ("X", "W", "DCO", "DIS"):
        if sum(token.kind == kind for token in happenings) > 1:
            raise TimelineError(f"{kind} happens once")
    return Timeline(name, number, tuple(happenings), baseline, asked)


def _token(word: str) -> Token:
    match = TOKEN.fullmatch(word)
    if match is None or match["kind"] not in ARGUMENTS:
        raise TimelineError(f"unknown token {word!r}")
    kind = match["kind"]
    if match["day"] is None and kind != "DIS":
        raise TimelineError(f"{word!r} has no day")
    arguments: dict[str, str] = {}
    for part in filter(None, (match["arguments"] or "").split(",")):
        name, equals, value = part.strip().rpartition("=")
        known = ARGUMENTS[kind].get(name if equals else "")
        if known is None or known.fullmatch(value) is None:
            raise TimelineError(f"unknown argument {part.strip()!r} in {word!r}")
        arguments[name] = value
    if kind in NEEDS_VALUE and "" not in arguments:
        raise TimelineError(f"{word!r} has no value")
    return Token(kind, DISCHARGE_DAY if match["day"] is None else int(match["day"]), arguments)


def _claim(text: str) -> Claim:
    match = CLAIM.fullmatch(text)
    if match is None:
        raise TimelineError(f"not an assertion: {text!r}")
    paramcd, result = match["paramcd"], " ".join(match["result"].split())
    lesion = None
    family, _, last = paramcd.partition(".")
    if last.isdigit() and paramcd not in endpoints.BY_VISIT:
        paramcd, lesion = family, f"L{last}"
    timed = TIMED.fullmatch(result)
    if paramcd in endpoints.ENDPOINT:
        if timed is None or (match["aj"] is None) != (timed["state"] is None):
            raise TimelineError(f"{text!r}: a result such as E@412, C4@730 or AJ1@412 is expected")
    elif not _answers(paramcd, result) or match["aj"]:
        raise TimelineError(f"unknown endpoint or result: {text!r}")
    return Claim(paramcd, result, match["aj"] is not None, lesion)


def _answers(paramcd: str, result: str) -> bool:
    if paramcd.startswith(("RUCHG.", "ABICHG.")):
        return paramcd in endpoints.BY_VISIT and re.fullmatch(r"-?\d+|NE", result) is not None
    safety = {endpoint.paramcd for endpoint in endpoints.SAFETY_ENDPOINTS}
    known = paramcd in endpoints.BY_VISIT or paramcd in endpoints.BINARIES or paramcd in safety
    return known and result in ("Y", "N", "NE")


def holds(claim: Claim, found: str) -> bool:
    """Say whether a result fits; `C@735` leaves the code open, and an absent `L=` leaves the bound open."""
    wanted, got = TIMED.fullmatch(claim.expected), TIMED.fullmatch(found)
    if wanted is None or got is None:
        return claim.expected == found
    if claim.expected[:1] != found[:1] or wanted["day"] != got["day"] or wanted["state"] != got["state"]:
        return False
    if wanted["cnsr"] is not None and wanted["cnsr"] != got["cnsr"]:
        return False
    return wanted["left"] is None or wanted["left"] == got["left"]
