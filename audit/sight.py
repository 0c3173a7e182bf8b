"""Which sites' rows the database shows: declared here, and forgotten with each transaction.

Row-level security (sql/090_sight.sql) compares the site of each row with the setting edc.sites, which lives
in the transaction. The connection (audit.postgresql) sends what is declared here in the same round trip as
the statement; where nothing is declared, the database shows nothing.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from audit.actors import Actor

WHOLE_STUDY = "*"
NOTHING = ""
CODE = re.compile(r"[0-9A-Za-z_-]{1,20}")

_declared: ContextVar[str | None] = ContextVar("sites_in_sight", default=None)


@contextmanager
def seeing(sites: Iterable[str] | None) -> Iterator[None]:
    """Declare whose rows the database shows inside; None is the whole study, () is nothing.

    Whoever declares decides: a request for its person, a job and a command for themselves. ValueError for
    what is no code of a site.
    """
    token = _declared.set(_written(sites))
    try:
        yield
    finally:
        _declared.reset(token)


@contextmanager
def seeing_as(by: Actor) -> Iterator[None]:
    """Declare what `by` sees inside, but never more than was declared before."""
    token = _declared.set(narrowed(_declared.get(), _of(by)))
    try:
        yield
    finally:
        _declared.reset(token)


def in_sight() -> str:
    """Return what is declared: codes with commas between, * for the whole study, nothing for nothing."""
    return _declared.get() or NOTHING


def narrowed(outer: str | None, inner: str) -> str:
    """Return what both show; an outer None shows whatever the inner does."""
    if outer is None or outer == WHOLE_STUDY:
        return inner
    if inner == WHOLE_STUDY:
        return outer
    return ",".join(code for code in inner.split(",") if code in outer.split(","))


def _of(by: Actor) -> str:
    """Return what a writer sees: the site of the role; without one the study, and without a role nothing."""
    if by.site:
        return _written((by.site,))
    return WHOLE_STUDY if by.identity and by.role != "NONE" else NOTHING


def _written(sites: Iterable[str] | None) -> str:
    if sites is None:
        return WHOLE_STUDY
    codes = sorted(sites)
    if not all(CODE.fullmatch(code) for code in codes):
        raise ValueError(f"No code of a site: {codes}")
    return ",".join(codes)
