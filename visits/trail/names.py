"""Values of items in words, with what references point at looked up once for many entries."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from audit.models import Entry
from protocol.words import Bilingual
from sites.models import DeviceProduct, User
from subjects.models import Subject
from visits.crfs import FORMS
from visits.dossier import PLAIN
from visits.items import Item, RefItem
from visits.models import Page
from visits.trail.wording import same

REFERENCES: dict[str, dict[str, str]] = {
    crf._meta.db_table: {name: item.target for name, item in crf.items().items() if isinstance(item, RefItem)}
    for crf in FORMS.values()
}


class Names:
    """What references of some entries point at, in words."""

    def __init__(self, words: dict[str, Bilingual]) -> None:
        self._words = words

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Names:
        """Look up everything that these entries point at; a statement for each kind that occurs."""
        wanted: dict[str, set[str]] = {}
        for entry in entries:
            if entry.on_behalf_of:
                wanted.setdefault("person", set()).add(entry.on_behalf_of)
            for name, target in REFERENCES.get(entry.table_name, {}).items():
                for side in (entry.old, entry.new):
                    if side and isinstance(side.get(name), str):
                        wanted.setdefault(target.split(":")[0], set()).add(side[name])
        return cls(_looked_up(wanted))

    def person(self, identity: str | None) -> str:
        """Return the name of a person by id, or what stands there; nothing for nobody."""
        if not identity:
            return ""
        return self._words.get(identity, same(identity)).en

    def value(self, item: Item, value: Any, typed: str) -> Bilingual:
        """Return a value of the trail in words; one that the item no longer reads stands as it was kept."""
        if isinstance(item, RefItem):
            return self._words.get(str(value), same(str(value)))
        try:
            read = item.from_json(value)
            if isinstance(read, Decimal) and PLAIN.fullmatch(typed) and Decimal(typed) == read:
                read = Decimal(typed)
            return Bilingual(item.show(read, "en"), item.show(read, "zh-hans"))
        except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError):
            return same(str(value))


def _looked_up(wanted: dict[str, set[str]]) -> dict[str, Bilingual]:
    found: dict[str, Bilingual] = {}
    if codes := wanted.get("product"):
        for product in DeviceProduct.objects.filter(code__in=codes):
            found[product.code] = same(f"{product.brand}, {product.manufacturer}")
    if ids := _uuids(wanted.get("person", ())):
        for user in User.objects.filter(pk__in=ids):
            found[str(user.pk)] = Bilingual(user.full_name, user.full_name_zh or user.full_name)
    if ids := _uuids(wanted.get("subject", ())):
        for subject in Subject.objects.filter(pk__in=ids):
            found[str(subject.pk)] = same(subject.usubjid)
    if ids := _uuids(wanted.get("page", set()) | wanted.get("event", set())):
        for page in Page.objects.filter(pk__in=ids):
            title = FORMS[page.form].title
            name = f"{page.form}{page.ordinal}"
            found[str(page.pk)] = Bilingual(f"{name} {title.en}", f"{name} {title.zh}")
    return found


def _uuids(texts: Iterable[str]) -> list[UUID]:
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
