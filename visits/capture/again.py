"""Trying a transaction again that the database ended for another's sake (CON-05).

A deadlock or a serialization failure says nothing about what was entered: the same work, begun anew, nearly
always succeeds. After three more attempts the error goes on, and the person gets a page that says "busy".
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from django.db import OperationalError, connection

T = TypeVar("T")
log = structlog.get_logger(__name__)

RETRIES = 3
PASSING = frozenset({"40001", "40P01"})
"""SQLSTATE: serialization failure, deadlock detected."""


def again(work: Callable[[], T]) -> T:
    """Return what `work` returns; begin it anew, at most three times, where another was in its way.

    `work` opens the transaction itself. Inside of one it runs once: half a transaction cannot be repeated.
    """
    attempts = 0 if connection.in_atomic_block else RETRIES
    for attempt in range(attempts):
        try:
            return work()
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) not in PASSING:
                raise
            log.warning("transaction_repeated", attempt=attempt + 1)
            time.sleep(random.uniform(0.5, 1.5) * 0.02 * 2**attempt)  # noqa: S311 no secret
    return work()
