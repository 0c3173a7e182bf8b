"""What an item answers to a value that it does not take as it stands."""

from dataclasses import dataclass
from typing import Any

from protocol.words import Bilingual


class ItemRefused(ValueError):
    """The value cannot be stored; `message` tells the person what was expected, `code` tells programs."""

    def __init__(self, code: str, message: Bilingual) -> None:
        super().__init__(message.en)
        self.code = code
        self.message = message


class ConfirmNeeded(ItemRefused):
    """The value is readable only by a guess: show `suggestion`, and take it when the person says so."""

    def __init__(self, suggestion: str, typed: str) -> None:
        message = Bilingual(
            f"Full-width characters: is {suggestion} meant?", f"输入含全角字符:是否应为 {suggestion}?"
        )
        super().__init__("confirm", message)
        self.suggestion = suggestion
        self.typed = typed


@dataclass(frozen=True, slots=True)
class Parsed:
    """A value read from the keyboard; `raw` is what was typed where that differs from how it prints."""

    value: Any
    raw: str | None = None
