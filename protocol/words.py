"""Words of the study in both of its languages."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bilingual:
    """A label, title, decode or message that the study has in English and in Chinese."""

    en: str
    zh: str

    def in_(self, language: str) -> str:
        """Return the words in `language`; everything that does not begin with "zh" reads English."""
        return self.zh if language.lower().startswith("zh") else self.en

    def __str__(self) -> str:
        return self.en


T = Bilingual
