"""The form of a page, made from its CRF class; crispy-forms lays it out, one row per item.

What a person typed is kept as typed: a field that cannot be read shows its sentence and the same text.
Names in the request are `<prefix>-<item>`, beside it `-missing` (a reason), `-yes` (a reading that the
person has confirmed) and, for partial dates, `-y`, `-m`, `-d`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, LayoutObject
from crispy_forms.utils import TEMPLATE_PACK
from django import forms
from django.template.loader import render_to_string

from protocol.version import FIRST
from protocol.words import Bilingual
from sites.reader import reads_chinese
from visits.capture.edition import items_for
from visits.capture.entry import PageEntry
from visits.crfs.base import Crf
from visits.dossier import PageRecord
from visits.items import (
    ConfirmNeeded,
    DateTimeItem,
    Item,
    ItemRefused,
    MultiCodeItem,
    Parsed,
    PartialDateItem,
    TextItem,
)

SITE_ZONE = ZoneInfo("Asia/Shanghai")
KEEP = "keep"
SENT_TWICE = Bilingual("This item was sent twice: enter it once.", "该项目被重复提交，请只填写一次。")


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a coded item or of an item that points at another record."""

    code: str
    label: Bilingual


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the boxes of one item: the text(s), the missing reason, the reading agreed to."""

    text: str
    codes: tuple[str, ...]
    missing: str
    yes: str
    twice: bool = False

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed and no reason chosen."""
        return not (self.text.strip() or self.codes or self.missing)


class ItemWidget(forms.Widget):
    """Takes an item's boxes out of the request; the row's template draws them."""

    def __init__(self, item: Item) -> None:
        super().__init__()
        self.item = item

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Typed:
        """Return what was typed, as it was typed."""

        def one(key: str) -> str:
            return str(data.get(key) or "")

        several = data.getlist(name) if hasattr(data, "getlist") else [data[name]] if name in data else []
        if isinstance(self.item, MultiCodeItem):
            return Typed("", tuple(several), one(f"{name}-missing"), "")
        if isinstance(self.item, PartialDateItem):
            parts = [one(f"{name}-{part}").strip() for part in "ymd"]
            several = several or ["-".join(parts).rstrip("-") if any(parts) else ""]
        text = several[-1] if several else ""
        return Typed(text, (), one(f"{name}-missing"), one(f"{name}-yes"), twice=len(several) > 1)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Never omitted: an item whose boxes are empty has no value."""
        return False


class ItemField(forms.Field):
    """An item as a form field: reads strictly what was typed and never guesses (EDQ-02, EDQ-03)."""

    widget: ItemWidget

    def __init__(self, item: Item, *, today: date, stored: Any = None) -> None:
        super().__init__(required=False, widget=ItemWidget(item), label=item.label.en)
        self.item, self.today, self.stored = item, today, stored

    def clean(self, value: Typed) -> tuple[Any, str, str]:
        """Return (value, missing reason, raw text where it differs); ValidationError in both languages."""
        if value.twice:
            raise forms.ValidationError(in_both(SENT_TWICE), code="twice")
        try:
            parsed = self._parsed(value)
        except ConfirmNeeded as asked:
            offer = {"suggestion": asked.suggestion}
            raise forms.ValidationError(in_both(asked.message), code="confirm", params=offer) from asked
        except ItemRefused as refused:
            raise forms.ValidationError(in_both(refused.message), code=refused.code) from refused
        self._ask_if_identifying(parsed.value, value)
        return parsed.value, value.missing, parsed.raw or ""

    def _ask_if_identifying(self, text: Any, value: Typed) -> None:
        """Ask before a text that may identify a person is stored: the trail forgets nothing (PRI-03)."""
        if not isinstance(self.item, TextItem) or value.yes == KEEP or text == self.stored:
            return
        kinds = self.item.identifying(text)
        if kinds is not None:
            message = Bilingual(
                f"This may hold {kinds.en}. Take it out, or say that nobody can be recognised by it.",
                f"此处可能含有{kinds.zh}。请删除，或确认无法据此识别个人。",
            )
            raise forms.ValidationError(in_both(message), code="identifying")

    def _parsed(self, value: Typed) -> Parsed:
        """Read the text; a reading that needs consent counts only when it is the one agreed to."""
        if isinstance(self.item, MultiCodeItem):
            return Parsed(self.item.clean(list(value.codes), today=self.today))
        try:
            return self.item.parse(value.text, today=self.today)
        except ConfirmNeeded as asked:
            if value.yes != asked.suggestion:
                raise
            return Parsed(self.item.parse(asked.suggestion, today=self.today).value, value.text)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the person typed something else; decided on values by save_pages, so always True."""
        return True


def in_both(message: Bilingual) -> str:
    """Return a message with the user's language first and the other behind it."""
    return f"{message.zh} {message.en}" if reads_chinese() else f"{message.en} {message.zh}"


def shown_text(item: Item, value: Any) -> str:
    """Return a stored value as it stands in an input: ISO dates, the site's clock, plain decimals."""
    if value is None:
        return ""
    if isinstance(item, DateTimeItem) and isinstance(value, datetime):
        return item.show(value, "en")  # seconds too, where there are any: sent back, they must not be lost
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


class PageForm(forms.Form):
    """The items of one page, or of one row of a repeating form, as its version of the protocol asks them.

    `version` is that of a page that does not exist yet; a stored one keeps its own. `closed`: items that are
    locked or frozen; they are shown and left as they are. `is_anew`: what was opened is gone, and what was
    typed is offered as a new page.
    """

    def __init__(
        self,
        *,
        crf: type[Crf],
        record: PageRecord | None,
        today: date,
        only: tuple[str, ...] = (),
        without: frozenset[str] = frozenset(),
        closed: frozenset[str] = frozenset(),
        data: Any = None,
        prefix: str = "p",
        version: str = FIRST,
    ) -> None:
        super().__init__(data=data, prefix=prefix)
        self.crf, self.record = crf, record
        self.closed = closed
        self.is_anew = False
        self.version = record.form_version if record else version
        for name, item in items_for(crf, self.version, record.values if record else {}).items():
            if name in without or (only and name not in only):
                continue
            self.fields[name] = ItemField(item, today=today, stored=record.get(name) if record else None)

    @property
    def items(self) -> dict[str, Item]:
        """The items of this form, in order."""
        return {name: field.item for name, field in self.fields.items() if isinstance(field, ItemField)}

    @property
    def revision(self) -> int:
        """The revision that the person had opened: as it was sent back, else what stands now; 0 is none."""
        if self.is_bound and not self.is_anew:
            sent = str(self.data.get(f"{self.prefix}-revision", ""))
            return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else 0
        return 0 if self.record is None else self.record.revision

    def typed(self, name: str) -> Typed:
        """Return what stands in an item's boxes: what was typed, else what is stored."""
        field = self.fields[name]
        if self.is_bound and name not in self.closed:
            found: Typed = field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
            return found
        item = self.items[name]
        value = self.record.values.get(name) if self.record else None
        missing = self.record.missing.get(name, "") if self.record else ""
        codes = tuple(value) if isinstance(item, MultiCodeItem) and value else ()
        return Typed("" if codes else shown_text(item, value), codes, missing, "")

    def is_blank(self) -> bool:
        """Whether a bound row was left entirely empty."""
        return all(self.typed(name).is_blank for name in self.fields)

    def known(self) -> dict[str, Any]:
        """Return the values that show-if rules read: the clean ones, else the stored ones."""
        if self.is_bound and hasattr(self, "cleaned_data"):
            stored = self.record.values if self.record else {}
            clean = {name: value[0] for name, value in self.cleaned_data.items()}
            return clean | {name: stored.get(name) for name in self.closed if name in clean}
        return dict(self.record.values) if self.record else {}

    def entry(
        self, subject_id: Any, *, visit: str | None, revision: int | None, clear_hidden: bool
    ) -> PageEntry:
        """Return what was entered, for save_pages; call only on a valid form. Closed items stay."""
        entered = {name: one for name, one in self.cleaned_data.items() if name not in self.closed}
        return PageEntry(
            subject_id=subject_id,
            form=self.crf.form,
            visit=visit,
            page_id=self.record.id if self.record else None,
            revision=revision,
            values={name: value for name, (value, _, _) in entered.items()},
            missing={name: missing for name, (_, missing, _) in entered.items()},
            raw={name: raw for name, (_, _, raw) in entered.items() if raw},
            clear_hidden=clear_hidden,
        )

    def suggestion(self, name: str) -> str:
        """Return the reading offered for a text that needs confirmation, else nothing."""
        for error in self.errors.get(name, forms.utils.ErrorList()).as_data() if name in self.errors else ():
            if error.code == "confirm" and error.params:
                return str(error.params["suggestion"])
        return ""

    def asks_to_keep(self, name: str) -> bool:
        """Whether an item waits for the word that its text identifies nobody, or has been given it."""
        errors = self.errors.as_data().get(name, ())
        return self.typed(name).yes == KEEP or any(error.code == "identifying" for error in errors)

    def helper_for(self, sheet: Any) -> FormHelper:
        """Return the crispy layout: the sections of the class, a row per item."""
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        asked = self.crf.questions_at(self.version)
        derived = {name for name in self.crf.derived() if name in asked}
        helper.layout = Layout(
            *[
                SectionPanel(section, [n for n in section.items if n in self.fields or n in derived], sheet)
                for section in self.crf.layout
                if any(name in self.fields for name in section.items) or derived >= set(section.items)
            ]
        )
        return helper


class SectionPanel(LayoutObject):
    """A section of a CRF as crispy draws it: heading and item rows."""

    def __init__(self, section: Any, names: list[str], sheet: Any) -> None:
        self.section, self.fields, self.sheet = section, names, sheet

    def render(self, form: PageForm, context: Any, template_pack: str = TEMPLATE_PACK, **kwargs: Any) -> str:
        """Render the panel through templates/rows/section.jinja."""
        around = {
            "may_raise": context.get("may_raise"),
            "may_answer": context.get("may_answer"),
            "trail_at": context.get("trail_at"),
            "section": self.section,
            "rows": self.sheet.rows(form, self.fields),
            "earlier": self.sheet.previous_visit,
        }
        return render_to_string("rows/section.jinja", around, using="jinja2")
