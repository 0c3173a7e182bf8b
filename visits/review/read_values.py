"""What the check of an automatic query has read, in words, each value with the page where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from protocol.words import Bilingual, T
from visits.crfs import FORMS
from visits.dossier import LOG
from visits.items import Derived, Item
from visits.models import Query

# Facts that stand on no page, by the names under which checks give them.
FACTS = {
    "visit": T("Visit", "访视"),
    "opens": T("Window opens", "时间窗开始"),
    "closes": T("Window closes", "时间窗结束"),
    "derived": T("From other pages", "由其他页面推导"),
    "total_mm": T("Together, mm", "合计(mm)"),
}
BLANK = T("blank", "空白")
ANSWERS = {"Y": T("Yes", "是"), "N": T("No", "否")}


@dataclass(frozen=True, slots=True)
class ReadValue:
    """One value read: of which item, on which page (the query's own, or elsewhere), as it was when asked."""

    label: Bilingual
    value: str
    title: Bilingual | None = None
    url: str = ""
    elsewhere: bool = True


def values_read(query: Query, language: str) -> list[ReadValue]:
    """Return what was read, for a reader of this language; facts without words are left out."""
    found = [_one(query, told, language) for told in query.read]
    return [one for one in found if one is not None]


def _one(query: Query, told: Mapping[str, Any], language: str) -> ReadValue | None:
    blank = BLANK.zh if language.startswith("zh") else BLANK.en
    if "page" not in told:
        words = FACTS.get(told["name"])
        return ReadValue(words, _fact(told["value"], language) or blank) if words else None
    if not told["label"]:
        return None
    address = [query.subject_id, told.get("visit") or LOG, told["form"]]
    record = f"?record={told['record']}" if FORMS[told["form"]].repeating else ""
    return ReadValue(
        label=Bilingual(**told["label"]),
        value=_shown(told["form"], told["item"], told["value"], language) or blank,
        title=Bilingual(**told["title"]),
        url=reverse("page", args=address) + record,
        elsewhere=told["page"] != str(query.page_id),
    )


def _fact(value: Any, language: str) -> str:
    words = ANSWERS.get(value)
    if words is None:
        return "" if value is None else str(value)
    return words.zh if language.startswith("zh") else words.en


def _shown(form: str, name: str, value: Any, language: str) -> str:
    item = FORMS[form].questions().get(name)
    if value is None or item is None:
        return ""
    if isinstance(item, Item):
        return item.show(item.from_json(value), language)
    return _derived(item, value, language)


def _derived(item: Derived, value: Any, language: str) -> str:
    if item.codelist is None or value not in item.codelist:
        return str(value)
    words = item.codelist.decode(value)
    return words.zh if language.startswith("zh") else words.en
