"""Loading a dictionary from the licensee's own files, and finding terms in it."""

from __future__ import annotations

import csv
import hashlib
import io
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator

from django.db.models import QuerySet

from audit.actors import Actor
from audit.context import acting
from protocol.words import Bilingual, T
from sites.access import require
from sites.roles import Action
from visits.coding.records import Dictionary, Term

LARGEST = 80 * 1024 * 1024
LARGEST_PART = 300 * 1024 * 1024
LONGEST_TEXT = 200
FOUND = 20
EDGES = " .,;:。、"
# The levels above a MedDRA lowest level term, nearest first.
LEVELS = ("PT", "HLT", "HLGT", "SOC")
COLUMNS = ("code", "text", "above_code", "above_text")
MALFORMED = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    KeyError,
    UnicodeDecodeError,
    csv.Error,
    IndexError,
    ValueError,
    RuntimeError,  # an archive with a password
    NotImplementedError,
)


class DictionaryRefused(ValueError):
    """The files are no dictionary of that kind, or that version is loaded already."""

    def __init__(self, message: Bilingual) -> None:
        super().__init__(message.en)
        self.message = message


def folded(text: str) -> str:
    """Return a text as it is compared: one width, one case, no spaces or punctuation at the ends."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(plain.split()).strip(EDGES)[:200]


def load_dictionary(*, kind: str, version: str, language: str, content: bytes, by: Actor) -> Dictionary:
    """Load one version and put it in use for its language; earlier ones stay for what was coded with them.

    MedDRA: the distributed ASCII files as a zip archive (llt.asc, mdhier.asc; `$` between fields). WHODrug
    and ATC: a CSV file in UTF-8 with the columns code, text, above_code, above_text, since their licensed
    formats differ by contract. Raises PermissionDenied, DictionaryRefused.
    """
    require(by, Action.CODE)
    if kind not in Dictionary.Kind.values or language not in ("en", "zh-hans") or not version.strip():
        raise DictionaryRefused(T("Say which dictionary, version and language.", "请填写词典、版本和语言。"))
    longest = Dictionary._meta.get_field("version").max_length or 0
    if len(version.strip()) > longest or not version.strip().isprintable():
        raise DictionaryRefused(
            T("Version: at most 20 characters, all of them visible.", "版本：最多 20 个可见字符。")
        )
    if len(content) > LARGEST:
        raise DictionaryRefused(T("The file is larger than 80 MB.", "文件超过 80 MB。"))
    if Dictionary.objects.filter(kind=kind, version=version.strip(), language=language).exists():
        raise DictionaryRefused(T("This version is loaded already.", "该版本已载入。"))
    read: Callable[[bytes], Iterator[Term]] = _meddra if kind == Dictionary.Kind.MEDDRA else _table
    try:
        terms = _once(read(content))
    except MALFORMED as error:
        raise DictionaryRefused(
            T("The file does not have the form of this dictionary.", "文件不符合该词典的格式。")
        ) from error
    if not terms:
        raise DictionaryRefused(T("The file holds no terms.", "文件中没有词条。"))
    with acting(by=by):
        Dictionary.objects.filter(kind=kind, language=language, in_use=True).update(in_use=False)
        made = Dictionary.objects.create(
            kind=kind,
            version=version.strip(),
            language=language,
            sha256=hashlib.sha256(content).hexdigest(),
            terms_loaded=len(terms),
            loaded_by=by.name,
        )
        for term in terms.values():
            term.dictionary = made
        Term.objects.bulk_create(terms.values(), batch_size=5000)
    return made


def _once(found: Iterator[Term]) -> dict[str, Term]:
    """Return terms by code. Raises DictionaryRefused for one that would be lost, cut or cannot be stored."""
    longest = Term._meta.get_field("code").max_length or 0
    terms: dict[str, Term] = {}
    for term in found:
        if term.code in terms:
            raise DictionaryRefused(
                Bilingual(f"Two terms have the code {term.code[:40]}.", f"编码重复：{term.code[:40]}。")
            )
        above = [said for step in term.path for said in step.values()]
        if any("\x00" in said for said in (term.code, term.text, *above)):
            raise ValueError("a character that cannot be stored")
        if not 0 < len(term.code) <= longest or len(term.text) > LONGEST_TEXT:
            raise ValueError(f"the term {term.code[:40]!r} is too long, or has no code")
        terms[term.code] = term
    return terms


def _meddra(content: bytes) -> Iterator[Term]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if any(part.file_size > LARGEST_PART for part in archive.infolist()):
            raise ValueError("a file of the archive is too large")
        files = {name.rsplit("/", 1)[-1].lower(): name for name in archive.namelist()}
        above: dict[str, list[dict[str, str]]] = {}
        for row in _dollars(archive, files["mdhier.asc"]):
            if row[11] == "Y":  # the primary system organ class
                codes, texts = row[0:4], row[4:8]
                above[row[0]] = [
                    {"level": level, "code": code, "text": text}
                    for level, code, text in zip(LEVELS, codes, texts, strict=True)
                ]
        for row in _dollars(archive, files["llt.asc"]):
            if row[9] != "N":  # terms that are not current any more are not offered
                yield Term(code=row[0], text=row[1], folded=folded(row[1]), path=above.get(row[2], []))


def _dollars(archive: zipfile.ZipFile, name: str) -> Iterator[list[str]]:
    with archive.open(name) as file:
        for line in io.TextIOWrapper(file, encoding="utf-8-sig"):
            if line.strip():
                yield line.rstrip("\r\n").split("$")


def _table(content: bytes) -> Iterator[Term]:
    for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True):
        if None in row or None in row.values():
            raise ValueError("a row of another length than the header")
        code, text, above, above_text = (row[column].strip() for column in COLUMNS)
        path = [{"level": "ATC", "code": above, "text": above_text}] if above else []
        if not any((code, text, above, above_text)):
            continue  # a sheet ends in empty rows
        if not (code and text):
            raise ValueError("a row without code or text")
        yield Term(code=code, text=text, folded=folded(text), path=path)


def dictionaries_visible(*, by: Actor) -> QuerySet[Dictionary]:
    """Return the dictionaries that were loaded."""
    require(by, Action.CODING_READ)
    return Dictionary.objects.all()


def search(kind: str, words: str) -> list[Term]:
    """Return terms in use that hold all these words: equal ones first, then by length."""
    parts = folded(words).split()
    if not parts:
        return []
    found = Term.objects.filter(dictionary__kind=kind, dictionary__in_use=True).select_related("dictionary")
    for part in parts:
        found = found.filter(folded__contains=part)
    same = folded(words)
    return sorted(found[:500], key=lambda term: (term.folded != same, len(term.text), term.text))[:FOUND]
