"""Edit checks across pages, grouped by the words of the study; importing the package fills CHECKS."""

import importlib
import pkgutil

from visits.checks.check import CHECKS, Check, Finding, check
from visits.checks.reading import Reading, StoredFacts

ENGINE = frozenset({"check", "reading", "dates", "own_page", "running", "writing"})

for _module in pkgutil.iter_modules(__path__):
    if _module.name not in ENGINE:
        importlib.import_module(f"{__name__}.{_module.name}")

__all__ = ["CHECKS", "Check", "Finding", "Reading", "StoredFacts", "check"]
