"""Passwords hashed at little cost in the process of the tests, and as ever for those that they start."""

from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

from django.contrib.auth.hashers import Argon2PasswordHasher

LITTLE = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}
USUAL = {name: getattr(Argon2PasswordHasher, name) for name in LITTLE}


def cheapen() -> None:
    """Hash at little cost from now on: a quarter of a second per password is most of many a test."""
    for name, cost in LITTLE.items():
        setattr(Argon2PasswordHasher, name, cost)


def usual() -> AbstractContextManager[Any]:
    """Hash as the web process does, which would else hash anew at a sign-in and so end older sessions."""
    return mock.patch.multiple(Argon2PasswordHasher, **USUAL)
