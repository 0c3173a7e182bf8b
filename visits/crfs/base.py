"""What every CRF class is: one typed row per page, its layout, and the contradictions it refuses."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, NoReturn

from django.db import models

from protocol.expressions import is_blank
from protocol.version import in_force
from protocol.words import Bilingual, T
from visits.items import Derived, Item

Values = Mapping[str, Any]
INCOMPLETE_DATE = T("The date is incomplete: please give the full date.", "日期不完整,请补充完整日期。")


class OnlySavePagesWrites(RuntimeError):
    """A typed row was written by another way than visits.capture.save (design §3.6)."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Answers of one page that do not go together.

    `items` are what it reads, the one to be marked first; while one of them is blank nothing is said,
    unless it is also named in `may_be_blank`. `holds` is true when the answers contradict each other.
    `id` is the protocol's EC number where §4 has one, else FORM.item; `cells` are the clauses of §3 that
    it states, as "item: words". In a form's `contradictions` it refuses a save, in its `warnings` it opens
    a query. A warning that also states the soft limit of an item names it in `limit_of`: that limit is
    silent meanwhile (§4). One that asks for an answer names it in `answered_by_reason`: a coded reason why
    there is none answers it.
    """

    id: str
    items: tuple[str, ...]
    holds: Callable[[Values], bool]
    message: Bilingual
    cells: tuple[str, ...] = ()
    may_be_blank: tuple[str, ...] = ()
    limit_of: tuple[str, ...] = ()
    answered_by_reason: str = ""

    def found_in(self, values: Values) -> bool:
        """Say whether the page contradicts itself; `values` include derived ones (`Crf.complete`)."""
        known = {**dict.fromkeys(self.items), **values}
        asked = (name for name in self.items if name not in self.may_be_blank)
        return not any(is_blank(known[name]) for name in asked) and bool(self.holds(known))


@dataclass(frozen=True, slots=True)
class Section:
    """Items that stand under one heading, in the order in which they are asked.

    A `narrow` section puts short items side by side; `note` says when or by whom it is answered.
    """

    heading: Bilingual
    items: tuple[str, ...]
    narrow: bool = True
    note: Bilingual | None = None


class ReadOnlyRows(models.QuerySet):
    """A queryset of typed rows that can be read, and not written."""

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise OnlySavePagesWrites(f"{self.model.__name__}: use visits.capture.save.save_pages")

    create = bulk_create = update = bulk_update = delete = _refuse
    get_or_create = update_or_create = _raw_delete = _refuse


class Crf(models.Model):
    """One CRF: a row of typed answers that hangs on its page.

    `missing` holds reason codes by item, `raw` what was typed where that differs from the value, `digest`
    what a trigger computes from all of it at every write (visits/sql/digest.sql). Rows are written by
    `save_pages` alone: it passes `by_save_pages=True`; every other route raises.
    """

    form: ClassVar[str]
    title: ClassVar[Bilingual]
    repeating: ClassVar[bool] = False
    blinded: ClassVar[bool] = False
    layout: ClassVar[tuple[Section, ...]]
    contradictions: ClassVar[tuple[Contradiction, ...]] = ()
    warnings: ClassVar[tuple[Contradiction, ...]] = ()
    # Columns that no question asks for and the server alone fills in; they stand among a page's values.
    kept_besides: ClassVar[tuple[str, ...]] = ()

    page = models.OneToOneField(
        "visits.Page", on_delete=models.PROTECT, primary_key=True, related_name="+", serialize=False
    )
    site = models.ForeignKey("sites.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    subject = models.ForeignKey("subjects.Subject", on_delete=models.PROTECT, related_name="+")
    missing = models.JSONField(default=dict)
    raw = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, default="", editable=False)

    objects = ReadOnlyRows.as_manager()

    class Meta:
        abstract = True
        default_permissions = ()

    def save(self, *args: Any, by_save_pages: bool = False, **kwargs: Any) -> None:
        if not by_save_pages:
            raise OnlySavePagesWrites(f"{type(self).__name__}: use visits.capture.save.save_pages")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise OnlySavePagesWrites(f"{type(self).__name__}: pages are marked removed, never deleted")

    @classmethod
    def beyond_question(cls, values: Values) -> frozenset[str]:
        """Return the items whose usual limits ask nothing on this page, since no person chose the answer."""
        return frozenset()

    @classmethod
    @cache
    def items(cls) -> dict[str, Item]:
        """Return the stored items by name, in the protocol's order."""
        return {field.name: field for field in cls._meta.concrete_fields if isinstance(field, Item)}

    @classmethod
    @cache
    def derived(cls) -> dict[str, Derived]:
        """Return the derived items by name, in the protocol's order."""
        return {name: value for name, value in vars(cls).items() if isinstance(value, Derived)}

    @classmethod
    @cache
    def questions(cls) -> dict[str, Item | Derived]:
        """Return stored and derived items together, in the order of the layout."""
        known: dict[str, Item | Derived] = {**cls.items(), **cls.derived()}
        return {name: known[name] for section in cls.layout for name in section.items}

    @classmethod
    @cache
    def items_at(cls, version: str) -> dict[str, Item]:
        """Return the stored items of a version of the protocol, as that version words and limits them."""
        return {
            name: item.at(version)
            for name, item in cls.items().items()
            if in_force(version, item.since, item.until)
        }

    @classmethod
    @cache
    def questions_at(cls, version: str) -> dict[str, Item | Derived]:
        """Return the items and derived items of a version together, in the order of the layout."""
        items = cls.items_at(version)
        return {
            name: items.get(name, asked)
            for name, asked in cls.questions().items()
            if in_force(version, asked.since, asked.until)
        }

    @classmethod
    def complete(cls, values: Values, dossier: Any = None) -> dict[str, Any]:
        """Return `values` with the derived items computed; those that need the dossier only if given."""
        known = dict(values)
        for name, derived in cls.derived().items():
            if not derived.identity:
                known[name] = derived.value(known, dossier)
        return known
