"""The language of the person who reads, as the page is made."""

from django.utils.translation import get_language

from protocol.words import Bilingual


def language() -> str:
    """Return the reader's language; English where none is set."""
    return get_language() or "en"


def reads_chinese() -> bool:
    """Whether the reader's language is Chinese."""
    return language().startswith("zh")


def said(words: Bilingual) -> str:
    """Return words in the reader's language."""
    return words.in_(language())
