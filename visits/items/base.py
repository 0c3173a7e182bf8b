"""What every item is: a nullable model field that also carries what the protocol says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import replace
from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.utils.module_loading import import_string

from protocol import expressions
from protocol.codelists import Codelist
from protocol.version import FIRST, in_force, place
from protocol.words import Bilingual
from visits.items.limits import Range, Unusual
from visits.items.refusals import ItemRefused, Parsed

REQUIREMENTS = ("R!", "R", "C!", "C", "O", "–")
MISSING_ACCEPTED = ("R", "C", "O")
Values = Mapping[str, Any]


class Item(models.Field):
    """A question of a CRF and the column that stores its answer.

    `required` is the protocol's letter (§3.0); with `required_if` the item is required only while that
    condition holds. `clean` checks a typed value, `parse` reads a typed text, `to_json` and `from_json`
    go to and from the jsonb form of the column. Wording and limits are not schema: migrations see the
    plain Django field of `column_path`, and never this class.

    The item is asked in the versions from `since` on and before `until`. `amended` gives, by version, what an
    amendment says otherwise of it (label, help, unit, required, hard, soft, show_if, required_if).
    """

    kind: ClassVar[str] = ""
    column_path: ClassVar[str] = ""
    codelist: Codelist | None = None

    def __init__(
        self,
        label: Bilingual,
        required: str = "O",
        *,
        unit: str = "",
        hard: Range | None = None,
        soft: Range | Unusual | None = None,
        show_if: str = "",
        required_if: str = "",
        sdtm: str = "",
        help: Bilingual | None = None,
        since: str = FIRST,
        until: str | None = None,
        amended: Mapping[str, Mapping[str, Any]] | None = None,
        **column_arguments: Any,
    ) -> None:
        if required not in REQUIREMENTS:
            raise ValueError(f"required is one of {REQUIREMENTS}, not {required!r}")
        self.label = label
        self.required = required
        self.unit = unit
        self.hard = hard
        self.soft = soft
        self.show_if = show_if
        self.required_if = required_if
        self.sdtm = sdtm
        self.help = help
        self.since = since
        self.until = until
        self.amended = amended or {}
        self.column_arguments = column_arguments
        super().__init__(verbose_name=label.en, null=True, blank=True, **column_arguments)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """Describe the column alone, so that rewording a question makes no migration."""
        return self.name, self.column_path, [], {"null": True, **self.column_arguments}

    def clone(self) -> models.Field:  # type: ignore[override]
        """Return the plain Django field that migrations keep in their state."""
        _, path, args, kwargs = self.deconstruct()
        field: models.Field = import_string(path)(*args, **kwargs)
        return field

    def at(self, version: str) -> Item:
        """Return the item as a version of the protocol words and limits it, and offers its terms."""
        said: dict[str, Any] = {}
        for since in sorted(self.amended, key=place):
            if in_force(version, since, None):
                said.update(self.amended[since])
        if self.codelist is not None:
            said["codelist"] = self.codelist.at(version)
        return self._with(said)

    def keeping(self, value: Any) -> Item:
        """Return the item with the codes that stand on a page among its terms, retired or not."""
        if self.codelist is None or not self.codelist.past or value is None:
            return self
        stand = value if isinstance(value, list) else [value]
        kept = tuple(term for term in self.codelist.past if term.code in stand)
        if not kept:
            return self
        return self._with({"codelist": replace(self.codelist, terms=(*self.codelist.terms, *kept))})

    def _with(self, said: Mapping[str, Any]) -> Item:
        changed = {name: value for name, value in said.items() if getattr(self, name) is not value}
        if not changed:
            return self
        other = copy(self)
        for name, value in changed.items():
            setattr(other, name, value)
        return other

    @property
    def depends_on(self) -> frozenset[str]:
        """The items and facts that decide whether this item is shown or required."""
        conditions = [text for text in (self.show_if, self.required_if) if text]
        return frozenset().union(*(expressions.parse(text).reads for text in conditions))

    def is_shown(self, values: Values) -> bool:
        """Say whether the item is asked, given the page's values and the facts it depends on."""
        return not self.show_if or expressions.parse(self.show_if).evaluate(values)

    def is_required(self, values: Values) -> bool:
        """Say whether the page stays incomplete without an answer (or an accepted missing reason)."""
        if self.required in ("O", "–") or not self.is_shown(values):
            return False
        return not self.required_if or expressions.parse(self.required_if).evaluate(values)

    @property
    def accepts_missing(self) -> bool:
        """Whether a reason from MISSR may stand in for the answer."""
        return self.required in MISSING_ACCEPTED

    # Django's own clean() has another second argument, and is never called: nothing runs full_clean().
    def clean(self, value: Any, model_instance: Any = None, *, today: date | None = None) -> Any:
        """Return `value` as it will be stored; ItemRefused when it is not one of this item's values.

        `today` is the last day that a date may name; without it, future dates pass.
        """
        if expressions.is_blank(value):
            return None
        value = self.typed(value, today)
        if self.hard is not None and value not in self.hard:
            raise ItemRefused("range", self.hard.outside(self.label, self.unit))
        return value

    def typed(self, value: Any, today: date | None) -> Any:
        """Check type and format of a value that is not blank."""
        raise NotImplementedError

    def parse(self, text: Any, *, today: date) -> Parsed:
        """Read what was typed; ItemRefused when it cannot be read, ConfirmNeeded when only by a guess."""
        raise NotImplementedError

    def to_json(self, value: Any) -> Any:
        """Return the form in which the value stands in jsonb; a decimal stands there as its text."""
        return value

    def from_json(self, stored: Any) -> Any:
        """Return the value from its form in jsonb."""
        return stored

    def show(self, value: Any, language: str) -> str:
        """Write the value for a reader, codes decoded."""
        return "" if value is None else str(value)

    def unusual(self, value: Any) -> Bilingual | None:
        """Return the question to ask about a value beyond the soft limit, or None."""
        return _question(self, value)


class Derived:
    """A value that is computed when it is read, and never stored.

    `compute(values, dossier)` gets the page's values; the subject's dossier too when `reads_dossier`,
    otherwise None. `identity` marks the page's own number, such as DES1, which the page itself keeps.
    """

    kind = "drv"
    required = "–"
    name = ""

    def __init__(
        self,
        label: Bilingual,
        compute: Callable[[Values, Any], Any] | None = None,
        *,
        reads_dossier: bool = False,
        identity: bool = False,
        unit: str = "",
        codelist: Codelist | None = None,
        soft: Range | Unusual | None = None,
        show_if: str = "",
        sdtm: str = "",
        since: str = FIRST,
        until: str | None = None,
    ) -> None:
        self.label = label
        self.compute = compute
        self.reads_dossier = reads_dossier
        self.identity = identity
        self.unit = unit
        self.codelist = codelist
        self.soft = soft
        self.show_if = show_if
        self.sdtm = sdtm
        self.since = since
        self.until = until

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def value(self, values: Values, dossier: Any = None) -> Any:
        """Compute the value; None while an input is blank, or the dossier is needed and was not given."""
        if self.compute is None or (self.reads_dossier and dossier is None):
            return None
        return self.compute(values, dossier)

    def unusual(self, value: Any) -> Bilingual | None:
        """Return the question to ask about a value beyond the soft limit, or None."""
        return _question(self, value)


def _question(asked: Item | Derived, value: Any) -> Bilingual | None:
    if asked.soft is None or expressions.is_blank(value) or value in asked.soft:
        return None
    if isinstance(asked.soft, Range):
        return asked.soft.outside(asked.label, asked.unit)
    chosen = value if isinstance(value, list) else [value]
    decodes = [
        asked.codelist.decode(code) if asked.codelist else Bilingual(code, code)
        for code in chosen
        if code in asked.soft.codes
    ]
    return asked.soft.outside(asked.label, decodes)
