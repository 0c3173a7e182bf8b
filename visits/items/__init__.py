"""Items: typed columns that know label, unit, limits, codelist, when they are shown, and SDTM target."""

from visits.items.base import Derived, Item
from visits.items.dates import DateItem, DateTimeItem, PartialDateItem
from visits.items.kinds import CodeItem, FileItem, MultiCodeItem, RefItem, TextItem
from visits.items.limits import Range, Unusual
from visits.items.numbers import DecItem, IntItem
from visits.items.parsing import local_day
from visits.items.refusals import ConfirmNeeded, ItemRefused, Parsed

__all__ = [
    "CodeItem",
    "ConfirmNeeded",
    "DateItem",
    "DateTimeItem",
    "DecItem",
    "Derived",
    "FileItem",
    "IntItem",
    "Item",
    "ItemRefused",
    "MultiCodeItem",
    "Parsed",
    "PartialDateItem",
    "Range",
    "RefItem",
    "TextItem",
    "Unusual",
    "local_day",
]
