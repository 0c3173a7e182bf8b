"""HTML to PDF with WeasyPrint, which may fetch nothing at all: no file, no address, no data URL (SEC-10).

Only weasyprint.urls.FatalURLFetchingError, a BaseException, stops a rendering: every other error of a
fetcher is a warning, after which the rendering goes on without the asset. It becomes OutsideAsset here, so
that it never ends a worker.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from weasyprint import CSS, HTML
from weasyprint.logger import PROGRESS_LOGGER
from weasyprint.urls import FatalURLFetchingError, URLFetcher

MOST_PAGES = 500
Told = Callable[[int], None]


class OutsideAsset(Exception):
    """Something in the document pointed outside of it."""


class TooManyPages(Exception):
    """The document is longer than a PDF may be (SEC-11)."""


class DenyAll(URLFetcher):
    """Refuses every address, and ends the rendering that asked for it."""

    def __init__(self) -> None:
        """Make no openers: there is nothing to open."""

    def fetch(self, url: str, headers: Any = None) -> NoReturn:
        """Raise the one error that WeasyPrint does not pass over."""
        raise FatalURLFetchingError(f"A printed page fetches nothing, but asked for {url[:100]!r}")

    open = fetch


@dataclass(frozen=True, slots=True)
class Rendered:
    """A PDF and the number of its pages."""

    content: bytes
    pages: int


def to_pdf(html: str, *, told: Told | None = None) -> Rendered:
    """Render HTML whose assets are all in it; `told` hears the number of every page that is laid out.

    Raises OutsideAsset, TooManyPages.
    """
    fetcher = DenyAll()
    try:
        with _heard(told or _nobody):
            document = HTML(string=html, url_fetcher=fetcher).render(stylesheets=[_style()])
            content = document.write_pdf()
    except FatalURLFetchingError as error:
        raise OutsideAsset(str(error)) from error
    return Rendered(content, len(document.pages))


@cache
def _style() -> CSS:
    text = Path(__file__).with_name("print.css").read_text(encoding="utf-8")
    return CSS(string=text, url_fetcher=DenyAll())


def _nobody(number: int) -> None:
    """Hear the number of a page and do nothing."""


@contextmanager
def _heard(told: Told) -> Iterator[None]:
    """Pass on the page numbers that WeasyPrint names in its progress log, and end at too many."""
    handler = _PageNumbers(told)
    before = PROGRESS_LOGGER.level, PROGRESS_LOGGER.propagate
    PROGRESS_LOGGER.addHandler(handler)
    PROGRESS_LOGGER.setLevel(logging.INFO)
    PROGRESS_LOGGER.propagate = False
    try:
        yield
    finally:
        PROGRESS_LOGGER.removeHandler(handler)
        PROGRESS_LOGGER.level, PROGRESS_LOGGER.propagate = before


class _PageNumbers(logging.Handler):
    def __init__(self, told: Told) -> None:
        super().__init__()
        self.told = told

    def emit(self, record: logging.LogRecord) -> None:
        if "Page %d" not in str(record.msg) or not isinstance(record.args, tuple):
            return
        number = int(str(record.args[0]))
        if number > MOST_PAGES:
            raise TooManyPages(f"More than {MOST_PAGES} pages")
        self.told(number)
