"""The little language in which the protocol says when an item is shown.

    contact_mode in (CLIN,INPT) and vital_status=A
    rev_side=target limb and (rev_vessels contains FP or rev_byp_tl=Y)

Lower-case words name items (`bcs.tissue_loss` on another form) or facts (`visit_code`, `proc_date`,
`target_limb`); everything else is a code or a number. It knows comparisons, `in`, `contains`,
`contains any of`, `present`, `blank`, `is`, `outside a–b`, `and`, `or` and brackets, and nothing more:
no calls, no attributes, no arithmetic, and text of any length is read in one pass (EDQ-09).

A blank operand makes a comparison false, `<>` too. A list equals a code when it holds that code alone.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

LONGEST = 500
DEEPEST = 20
SYNONYMS = {"target limb": "target_limb", "≥": ">=", "≤": "<=", "≠": "<>"}
TOKEN = re.compile(
    r"\s*(?:(?P<name>[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?)"
    r"|(?P<code>[A-Z][A-Z0-9]*|[0-9]+[a-z])|(?P<number>-?[0-9]+(?:\.[0-9]+)?)"
    r"|(?P<sign><=|>=|<>|[=<>(),–]))"
)
WORDS = frozenset({"and", "or", "not", "in", "contains", "any", "of", "present", "blank", "is", "outside"})
Json = list[Any]


class ExpressionRefused(ValueError):
    """The text is not in the language."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question about one item: `operator` is a comparison, in, contains, is, present, blank, outside."""

    operator: str
    item: str
    codes: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    def holds(self, values: Mapping[str, Any]) -> bool:
        value = values.get(self.item)
        if self.operator in ("present", "blank"):
            return is_blank(value) == (self.operator == "blank")
        others = [values.get(name) for name in self.others]
        if is_blank(value) or any(is_blank(other) for other in others):
            return False
        if self.operator == "in":
            return any(_equal(value, code) for code in self.codes)
        if self.operator == "contains":
            return any(code in _listed(value) for code in self.codes)
        if self.operator == "is":
            return str(value).rstrip("0123456789") in self.codes
        if self.operator == "outside":
            low, high = others
            return not (_compare(">=", value, low) and _compare("<=", value, high))
        return _compare(self.operator, value, others[0] if others else self.codes[0])

    def to_json(self) -> Json:
        return [self.operator, self.item, list(self.codes), list(self.others)]


@dataclass(frozen=True, slots=True)
class Group:
    """Questions joined by `and` or by `or`."""

    operator: str
    parts: "tuple[Question | Group, ...]"

    def holds(self, values: Mapping[str, Any]) -> bool:
        answers = (part.holds(values) for part in self.parts)
        return all(answers) if self.operator == "and" else any(answers)

    def to_json(self) -> Json:
        return [self.operator, *(part.to_json() for part in self.parts)]


@dataclass(frozen=True, slots=True)
class Expression:
    """A condition that has been read: ask it, or hand it to the browser."""

    text: str
    root: Question | Group

    def evaluate(self, values: Mapping[str, Any]) -> bool:
        """Say whether the condition holds for `values` (items and facts by name; absent means blank)."""
        return self.root.holds(values)

    @property
    def reads(self) -> frozenset[str]:
        """The items and facts on which the answer depends."""
        return frozenset(_names(self.root))

    def to_json(self) -> Json:
        """Return nested lists: [operator, item, codes, other items], or ["and" | "or", part, ...]."""
        return self.root.to_json()


@cache
def parse(text: str) -> Expression:
    """Read a condition; ExpressionRefused when it is not in the language."""
    if len(text) > LONGEST:
        raise ExpressionRefused(f"longer than {LONGEST} characters")
    words = text
    for synonym, word in SYNONYMS.items():
        words = words.replace(synonym, word)
    reader = _Reader(_tokens(words))
    root = reader.alternatives()
    if reader.rest:
        raise ExpressionRefused(f"{text!r}: {reader.rest[0][1]!r} is one word too many")
    return Expression(text, root)


def is_blank(value: Any) -> bool:
    """Say whether an item has no answer: nothing, an empty text or an empty selection."""
    return value is None or value == "" or value == []


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise ExpressionRefused(f"{text[at:].strip()!r} cannot be read")
        kind = match.lastgroup or ""
        word = match[kind]
        tokens.append(("word" if word in WORDS else kind, word))
        at = match.end()
    return tokens


class _Reader:
    """Reads tokens from the left; `rest` is what has not been read yet."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.rest = tokens
        self.depth = 0

    def alternatives(self) -> Question | Group:
        parts = [self.conjunction()]
        while self.skip("or"):
            parts.append(self.conjunction())
        return parts[0] if len(parts) == 1 else Group("or", tuple(parts))

    def conjunction(self) -> Question | Group:
        parts = [self.atom()]
        while self.skip("and"):
            parts.append(self.atom())
        return parts[0] if len(parts) == 1 else Group("and", tuple(parts))

    def atom(self) -> Question | Group:
        if not self.skip("("):
            return self.test()
        self.depth += 1
        if self.depth > DEEPEST:
            raise ExpressionRefused("too many brackets")
        inner = self.alternatives()
        self.expect(")")
        self.depth -= 1
        return inner

    def test(self) -> Question:
        item = self.take("name")
        for word in ("present", "blank"):
            if self.skip(word):
                return Question(word, item)
        if self.skip("in"):
            return Question("in", item, self.listed(","))
        if self.skip("is"):
            return Question("is", item, self.codes("or"))
        if self.skip("contains"):
            if self.skip("any"):
                self.expect("of")
                return Question("contains", item, self.listed(","))
            return Question("contains", item, self.listed("or") if self.peek() == "(" else (self.code(),))
        if self.skip("outside"):
            low = self.take("name")
            self.expect("–")
            return Question("outside", item, others=(low, self.take("name")))
        return self.comparison(item)

    def comparison(self, item: str) -> Question:
        sign = self.take("sign")
        if sign not in ("=", "<>", "<", "<=", ">", ">="):
            raise ExpressionRefused(f"{sign!r} does not compare")
        if self.rest and self.rest[0][0] == "name":
            return Question(sign, item, others=(self.take("name"),))
        return Question(sign, item, (self.code(),))

    def listed(self, separator: str) -> tuple[str, ...]:
        self.expect("(")
        codes = self.codes(separator)
        self.expect(")")
        return codes

    def codes(self, separator: str) -> tuple[str, ...]:
        codes = [self.code()]
        while self.skip(separator):
            codes.append(self.code())
        return tuple(codes)

    def code(self) -> str:
        if not self.rest or self.rest[0][0] not in ("code", "number"):
            raise ExpressionRefused("a code or a number is missing")
        return self.rest.pop(0)[1]

    def take(self, kind: str) -> str:
        if not self.rest or self.rest[0][0] != kind:
            raise ExpressionRefused(f"a {kind} is missing")
        return self.rest.pop(0)[1]

    def peek(self) -> str:
        return self.rest[0][1] if self.rest else ""

    def skip(self, word: str) -> bool:
        if self.peek() != word:
            return False
        self.rest.pop(0)
        return True

    def expect(self, word: str) -> None:
        if not self.skip(word):
            raise ExpressionRefused(f"{word!r} is missing")


def _names(part: Question | Group) -> set[str]:
    if isinstance(part, Question):
        return {part.item, *part.others}
    return set().union(*(_names(inner) for inner in part.parts))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _plain(value: Any) -> Any:
    """Bring a value to what a code can be compared with: a selection of one to it, a date to its text."""
    if isinstance(value, list):
        return value[0] if len(value) == 1 else value
    return value.isoformat() if isinstance(value, date) else value


def _equal(value: Any, other: Any) -> bool:
    value, other = _plain(value), _plain(other)
    if value == other or isinstance(value, list):
        return bool(value == other)
    left, right = _number(value), _number(other)
    return left is not None and left == right


def _number(value: Any) -> Decimal | None:
    """Return the number in 3, '3', Decimal('3.0') or the number of the device 'DCB3'."""
    if isinstance(value, (int, Decimal)):
        return Decimal(value)
    match = re.fullmatch(r"(?:[A-Z]+(?=[0-9]+$))?(-?[0-9]+(?:\.[0-9]+)?)", str(value))
    return Decimal(match[1]) if match else None


def _compare(sign: str, value: Any, other: Any) -> bool:
    if sign == "=":
        return _equal(value, other)
    if sign == "<>":
        return not _equal(value, other)
    left, right = _number(_plain(value)), _number(_plain(other))
    if left is None or right is None:
        return False
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[sign]
