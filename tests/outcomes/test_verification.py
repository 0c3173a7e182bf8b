"""The worked examples of the protocol, and our own at the boundaries."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from outcomes.assembly import subjects_of
from outcomes.derivation import Derived, derive
from outcomes.enactment import cut_off
from outcomes.timelines import Timeline, TimelineError, examples, holds, read
from outcomes.verification import frames_of, verdicts

HERE = Path(__file__).resolve().parent
PROTOCOL = HERE.parents[2] / "shared" / "protocol.md"
OWN = HERE / "timelines.txt"


def derived(timeline: Timeline) -> Derived:
    """Derive a timeline from frames made without a database."""
    [subject] = subjects_of(frames_of([timeline]), cut_off=cut_off(timeline))
    return derive(subject)


def known() -> list[Timeline]:
    published = examples(PROTOCOL.read_text(encoding="utf-8")) if PROTOCOL.exists() else []
    return [*published, *read(OWN.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("timeline", known(), ids=lambda timeline: timeline.name)
def test_example(timeline: Timeline) -> None:
    assert [str(one) for one in verdicts(timeline, derived(timeline)) if not one.passed] == []


@pytest.mark.django_db
@pytest.mark.slow
def test_examples_entered_through_save_pages(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("verify_endpoints", str(PROTOCOL if PROTOCOL.exists() else OWN), "--quiet")
    assert " 0 failed" in capsys.readouterr().out


@pytest.mark.django_db
def test_the_command_prints_both_values_and_fails_on_a_mismatch(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from subjects.models import Subject

    file = tmp_path / "examples.txt"
    file.write_text("# ours\nA-1 | V@30 R@412 V@740 | CDTLR24 => E@412; CDTLR24B => N\n", encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        call_command("verify_endpoints", str(file))
    printed = capsys.readouterr().out
    assert ended.value.code == 1
    assert "expected E@412, found E@412" in printed
    assert "FAIL  A-1          CDTLR24B     expected N, found Y" in printed
    assert "1 passed, 1 failed" in printed
    assert not Subject.objects.exists()


@pytest.mark.django_db
def test_the_command_names_the_line_it_cannot_read(tmp_path: Path) -> None:
    file = tmp_path / "examples.txt"
    file.write_text("A-1 | V@30 | CDTLR => C1@30\nA-2 | Q@30 | CDTLR => C1@30\n", encoding="utf-8")
    with pytest.raises(CommandError, match=r"line 2 \(A-2\): unknown token 'Q@30'"):
        call_command("verify_endpoints", str(file))


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("A V@30 CDTLR => C1@30", "line 1: expected NAME"),
        ("A | V@30 |", "nothing is asserted"),
        ("A | V | CDTLR => C1@30", "'V' has no day"),
        ("A | V@30 PP=3 | CDTLR => C1@30", "unknown baseline value 'PP=3'"),
        ("A | R@30(hop=1) | CDTLR => C1@30", "unknown argument 'hop=1'"),
        ("A | R@30(why=fun) | CDTLR => C1@30", "unknown argument 'why=fun'"),
        ("A | AM@30 | CDTLR => C1@30", "'AM@30' has no value"),
        ("A | R@30(abi=95>80) R@60(abi=90>80) | CDTLR => C1@30", "one reference ABI"),
        ("A | X@30 X@40 | CDTLR => C1@30", "X happens once"),
        ("A | V@30 | CDTLQ => C1@30", "unknown endpoint"),
        ("A | V@30 | CDTLR => C9@30", "a result such as"),
        ("A | V@30 | AJ:CDTLR => E@30", "a result such as"),
        ("A | V@30 | PP.M12 => maybe", "unknown endpoint or result"),
        ("A | V@30 | CDTLR C1@30", "not an assertion"),
    ],
)
def test_what_is_not_in_the_notation_is_an_error(line: str, complaint: str) -> None:
    with pytest.raises(TimelineError) as refused:
        read(line)
    assert complaint in str(refused.value)
    assert "line 1" in str(refused.value)


def test_an_open_code_or_bound_fits_any() -> None:
    [one] = read("A | V@30 | PPAT => C@735; CDTLR => C1@735; PPAT => E@5")
    patency, contact, loss = one.claims
    assert holds(patency, "C1@735")
    assert not holds(patency, "C1@734")
    assert not holds(contact, "C5@735")
    assert holds(loss, "E@5 L=0")


def test_committed_examples_reach_every_rule_of_the_protocol() -> None:
    asserted = {
        claim.paramcd for timeline in read(OWN.read_text(encoding="utf-8")) for claim in timeline.claims
    }
    assert asserted >= {
        "CDTLR24",
        "TLR24",
        "TVR24",
        "TLIMB24",
        "MALE24",
        "MALEB24",
        "MAJAMP24",
        "AFS24",
        "DEATH24",
    }
    assert asserted >= {"PPAT", "PPATCD", "APAT", "SPAT", "PP.M6", "PP.M12", "PP.M24", "ORGAN30", "SAFE30"}
