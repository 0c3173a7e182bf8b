"""Why a saved value is changed: a code, and words where the code does not say enough."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

REASONS = {
    "TYPO": _("Typing error"),
    "TRANSCRIPTION": _("Copied wrongly from the source"),
    "NEW_INFORMATION": _("New information"),
    "SOURCE_CORRECTED": _("The source was corrected"),
    "QUERY": _("Answer to a query"),
    "OTHER": _("Other (say which)"),
    "SYSTEM": _("Done by the system"),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason for change; ValueError where the code is unknown, or OTHER comes without words."""

    code: str
    text: str = ""

    def __post_init__(self) -> None:
        if self.code not in REASONS:
            raise ValueError(f"Unknown reason: {self.code}")
        if self.code == "OTHER" and not self.text.strip():
            raise ValueError("The reason OTHER needs words")
