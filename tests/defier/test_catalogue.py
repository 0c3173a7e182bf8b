"""The Chinese catalogue is complete: every English string of code and templates has its translation."""

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
CODE = ("audit", "sites", "subjects", "visits", "outcomes", "defier")
CALLS = {"_", "gettext", "gettext_lazy", "ngettext", "pgettext"}
TRANSLATE = re.compile(r"""\{%\s*translate\s+(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')""")
BLOCK = re.compile(r"\{%\s*blocktranslate\b(.*?)%\}(.*?)\{%\s*endblocktranslate\s*%\}", re.S)
PLURAL = re.compile(r"\{%\s*plural\s*%\}")


def in_templates() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        for double, single in TRANSLATE.findall(text):
            # Django looks a template's string up with its percent signs doubled.
            yield (double or single).replace("%", "%%"), path.name
        for options, body in BLOCK.findall(text):
            for part in PLURAL.split(body):
                words = re.sub(r"\{\{\s*(\w+)\s*\}\}", r"%(\1)s", part)
                if "%(" in words or "%" not in part:
                    words = words if "%(" not in words else re.sub(r"%(?!\()", "%%", words)
                yield (" ".join(words.split()) if "trimmed" in options else words), path.name
                break


def in_rows() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "templates").rglob("*.jinja")):
        text = path.read_text(encoding="utf-8")
        for double, single in re.findall(r"""\b_\((?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')""", text):
            yield double or single, path.name


def in_code() -> Iterator[tuple[str, str]]:
    for folder in CODE:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in CALLS and node.args:
                    first = node.args[0]
                    if isinstance(first, ast.Constant) and isinstance(first.value, str):
                        yield first.value, path.name


def plural_forms(words: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return a message's words, one for each plural form it has."""
    return (words or "",) if isinstance(words, str | None) else tuple(words)


def untranslated() -> list[tuple[str, str]]:
    with (ROOT / "locale/zh_Hans/LC_MESSAGES/django.po").open("rb") as file:
        catalogue = read_po(file)
    known = {}
    for message in catalogue:
        known[plural_forms(message.id)[0]] = all(plural_forms(message.string)) and not message.fuzzy
    used = {*in_templates(), *in_rows(), *in_code()}
    return sorted((words, where) for words, where in used if not known.get(words))


def test_every_string_has_a_chinese_translation() -> None:
    assert untranslated() == []


@pytest.mark.parametrize("name", ["django.po"])
def test_translations_keep_their_placeholders(name: str) -> None:
    with (ROOT / "locale/zh_Hans/LC_MESSAGES" / name).open("rb") as file:
        catalogue = read_po(file)
    for message in catalogue:
        if not message.id:
            continue
        wanted = set(re.findall(r"%\((\w+)\)s", plural_forms(message.id)[-1]))
        for string in plural_forms(message.string):
            assert set(re.findall(r"%\((\w+)\)s", string)) == wanted, message.id
