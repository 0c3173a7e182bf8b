"""Items that hold codes, texts and references (protocol §3.0); dates and numbers have their own modules."""

from datetime import date
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from protocol import privacy
from protocol.codelists import Codelist
from protocol.words import Bilingual, T
from visits.items import parsing
from visits.items.base import Item
from visits.items.refusals import ItemRefused, Parsed

CODE_LENGTH = 16
REFERENCE_LENGTH = 64


class CodeItem(Item, models.CharField):
    """One code of a codelist."""

    kind = "code"
    column_path = "django.db.models.CharField"

    def __init__(self, label: Bilingual, codelist: Codelist, required: str = "O", **said: Any) -> None:
        self.codelist: Codelist = codelist
        super().__init__(label, required, max_length=CODE_LENGTH, **said)

    def typed(self, value: Any, today: date | None) -> str:
        if not isinstance(value, str) or value not in self.codelist:
            raise parsing.not_offered(value)
        return value

    def parse(self, text: Any, *, today: date) -> Parsed:
        return parsing.read(text, lambda plain: self.clean(plain), str)

    def show(self, value: Any, language: str) -> str:
        return "" if value is None else self.codelist.decode(value).in_(language)


class MultiCodeItem(Item, ArrayField):
    """Any number of codes of a codelist, in its order; each of `exclusive` stands alone or not at all."""

    kind = "mcode"
    column_path = "django.contrib.postgres.fields.ArrayField"

    def __init__(
        self,
        label: Bilingual,
        codelist: Codelist,
        required: str = "O",
        *,
        exclusive: tuple[str, ...] = (),
        **said: Any,
    ) -> None:
        self.codelist: Codelist = codelist
        self.exclusive = exclusive
        super().__init__(label, required, base_field=models.CharField(max_length=CODE_LENGTH), **said)

    def typed(self, value: Any, today: date | None) -> list[str]:
        if not isinstance(value, (list, tuple)):
            raise parsing.not_offered(value)
        for code in value:
            if not isinstance(code, str) or code not in self.codelist:
                raise parsing.not_offered(code)
        if len(set(value)) != len(value):
            raise ItemRefused("twice", T("The same answer is chosen twice.", "同一选项被重复选择。"))
        alone = [code for code in value if code in self.exclusive]
        if alone and len(value) > 1:
            decode = self.codelist.decode(alone[0])
            raise ItemRefused(
                "exclusive",
                Bilingual(
                    f'"{decode.en}" cannot stand beside other answers.', f'"{decode.zh}" 不能与其他选项同选。'
                ),
            )
        return sorted(value, key=self.codelist.codes.index)

    def parse(self, text: Any, *, today: date) -> Parsed:
        """Read the chosen codes, given as a sequence or as one text with commas."""
        chosen = text.split(",") if isinstance(text, str) else text
        codes = [code.strip() for code in chosen if code.strip()]
        return Parsed(self.clean(codes))

    def show(self, value: Any, language: str) -> str:
        return "; ".join(self.codelist.decode(code).in_(language) for code in value or ())


class TextItem(Item, models.CharField):
    """Text stored exactly as written; short ones are names and codes, on one line and fully visible.

    What is `screened` is asked about where it may identify a person (PRI-03); codes that a device or a
    laboratory prints are not.
    """

    kind = "text"
    column_path = "django.db.models.CharField"

    def __init__(
        self,
        label: Bilingual,
        longest: int,
        required: str = "O",
        *,
        one_of: tuple[str, ...] = (),
        screened: bool = True,
        **said: Any,
    ) -> None:
        self.longest = longest
        self.one_of = one_of
        self.screened = screened and not one_of
        self.one_line = longest <= 120
        super().__init__(label, required, max_length=longest, **said)

    def typed(self, value: Any, today: date | None) -> str:
        if not isinstance(value, str):
            raise ItemRefused("text", T("A text is expected.", "应填文本。"))
        parsing.refuse_broken_text(value)
        if self.one_line:
            parsing.refuse_invisible(value)
        if len(value) > self.longest:
            raise ItemRefused(
                "length",
                Bilingual(
                    f"At most {self.longest} characters, not {len(value)}.",
                    f"最多 {self.longest} 个字符,现为 {len(value)} 个。",
                ),
            )
        if self.one_of and value not in self.one_of:
            raise parsing.not_offered(value)
        return value

    def parse(self, text: Any, *, today: date) -> Parsed:
        """Take the text; a browser's line ends become plain ones, blank text becomes no answer."""
        typed = parsing.LINE_BREAKS.sub("\n", parsing.one_answer(text))
        return Parsed(self.clean(typed.strip(" ") if self.one_line else typed) if typed.strip() else None)

    def identifying(self, value: Any) -> Bilingual | None:
        """Return what in a text may identify a person, in words; None where nothing does."""
        found = privacy.screen(value) if self.screened and isinstance(value, str) else []
        return privacy.described(found) if found else None

    def unusual(self, value: Any) -> Bilingual | None:
        """Ask about a text that may identify a person; the question does not repeat the text."""
        kinds = self.identifying(value)
        if kinds is None:
            return None
        return Bilingual(
            f"{self.label.en}: the text may hold {kinds.en}. Take out what identifies a person.",
            f"{self.label.zh}:文本可能含有{kinds.zh},请删除可识别个人的信息。",
        )


class RefItem(Item, models.CharField):
    """A reference to another record by its identity.

    `target`: "lesion" (L1), "device" (DES1, study devices and prior stents), "stent" (DES, BMS, PS),
    "product" (catalogue code, of `product_kind`), "person" (user id), "subject" (subject id),
    "page:AE" (page id), "event" (the page that an adjudication is about).
    """

    kind = "ref"
    column_path = "django.db.models.CharField"

    def __init__(
        self, label: Bilingual, target: str, required: str = "O", *, product_kind: str = "", **said: Any
    ) -> None:
        self.target = target
        self.product_kind = product_kind
        super().__init__(label, required, max_length=REFERENCE_LENGTH, **said)

    def typed(self, value: Any, today: date | None) -> str:
        if not isinstance(value, str) or len(value) > REFERENCE_LENGTH:
            raise parsing.not_offered(value)
        parsing.refuse_broken_text(value)
        parsing.refuse_invisible(value)
        return value

    def parse(self, text: Any, *, today: date) -> Parsed:
        return parsing.read(text, lambda plain: self.clean(plain), str)


class FileItem(RefItem):
    """A reference to uploaded, de-identified files, by the digest under which they are kept."""

    kind = "file"

    def __init__(self, label: Bilingual, required: str = "O", **said: Any) -> None:
        super().__init__(label, "file", required, **said)
