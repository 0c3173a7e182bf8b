"""The worked examples of the protocol, and our own at the boundaries."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

HERE = Path(__file__).resolve().parent
PROTOCOL = HERE.parents[2] / "shared" / "protocol.md"
OWN = HERE / "timelines.txt"


@pytest.mark.django_db
@pytest.mark.slow
def test_examples_entered_through_save_pages(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("verify_endpoints", str(PROTOCOL if PROTOCOL.exists() else OWN), "--quiet")
    assert " 0 failed" in capsys.readouterr().out
