"""Rules broken on purpose, one at a time, in a copy of the house: does the test that guards each one fail?

`make mutants` prints the table. The copy stands in a folder of its own, so that nobody ever works in a house
with a broken rule; servers are started once for all. tests/test_broken_rules.py keeps the patches fitting.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests import servers

HOUSE = Path(__file__).resolve().parent.parent
LINKED = (".venv", "node_modules")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, where it stands, what would break it, and the test that then has to fail."""

    id: str
    broken: str
    file: str
    old: str
    new: str
    test: str


RULES = (
    Rule(
        "LCK-01",
        "the guard lets through what is locked",
        "visits/review/guard.py",
        "State.LOCKED: frozenset(),",
        "State.LOCKED: frozenset(Act),",
        "tests/visits/test_freezing.py::test_locked_means_nothing_and_the_guard_says_what_the_trigger_does",
    ),
    Rule(
        "LCK-03",
        "who asks for an unlock may grant it",
        "visits/review/unlocking.py",
        "if step.another and by.user_id == current.by_id:",
        "if False:",
        "tests/visits/test_freezing.py::test_an_unlock_opens_the_smallest_part_for_a_time_and_tells_what_changed",
    ),
    Rule(
        "SIG-02",
        "the digest of a row no longer follows its values",
        "visits/sql/digest.sql",
        "NEW.digest := public.digest_of(TG_TABLE_NAME, to_jsonb(NEW));",
        "NEW.digest := coalesce(nullif(NEW.digest, ''), 'first');",
        "tests/visits/test_digests.py::test_a_digest_follows_the_values_by_any_path_and_nothing_else",
    ),
    Rule(
        "SIG-05",
        "a signature is valid whatever the page says",
        "visits/review/signing/standing.py",
        "return BROKEN if now != signed or page.removed else VALID",
        "return VALID",
        "tests/visits/signing/test_signing.py::test_a_change_by_any_path_breaks_the_signature",
    ),
    Rule(
        "SRC-02",
        "a verification outlives a change",
        "visits/review/sdv/states.py",
        "return State.STALE if mark.stale else State.VERIFIED",
        "return State.VERIFIED",
        "tests/visits/sdv/test_verifying.py::test_an_edit_costs_the_mark_of_that_item_alone",
    ),
    Rule(
        "ACL-03",
        "subjects are looked up without their site",
        "subjects/fetch.py",
        "return found if sites is None else found.filter(site_id__in=sites)",
        "return found",
        "tests/subjects/test_fetch.py::test_foreign_and_absent_are_the_same",
    ),
    Rule(
        "ACL-02",
        "the owner of a table sees every site",
        "audit/sql/090_sight.sql",
        "ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', target",
        "ENABLE ROW LEVEL SECURITY', target",
        "tests/audit/test_sight.py::test_the_owner_is_held_to_it_as_well",
    ),
    Rule(
        "ACL-07",
        "a monitor may change what a site entered",
        "sites/roles.py",
        "**dict.fromkeys((A.SDV_READ, A.SDV_VERIFY, A.VISIT_REPORT_READ, A.VISIT_REPORT_MAKE), ALL),",
        "**dict.fromkeys((A.SDV_READ, A.SDV_VERIFY, A.VISIT_REPORT_READ, A.PAGE_SAVE), ALL),",
        "tests/sites/test_policy_walk.py::test_duties_are_segregated",
    ),
    Rule(
        "ACC-04",
        "wrong passwords are counted and nothing follows",
        "defier/settings.py",
        "AXES_FAILURE_LIMIT = 5",
        "AXES_FAILURE_LIMIT = 500",
        "tests/sites/test_login.py::test_five_failures_lock_the_account_from_any_address_and_in_any_spelling",
    ),
    Rule(
        "SEC-03",
        "a script runs without the nonce of its answer",
        "defier/settings.py",
        '"script-src": [NONCE],',
        '"script-src": [SELF],',
        "tests/defier/test_headers.py::test_the_policy_lets_the_browser_talk_to_nobody_else",
    ),
    Rule(
        "CEL-05",
        "a job that always fails is tried for ever",
        "audit/running.py",
        "dead = job.attempts >= ATTEMPTS and not away",
        "dead = False",
        "tests/audit/test_jobs.py::test_a_failing_job_is_tried_three_times_then_dead",
    ),
    Rule(
        "AUD-06",
        "an entry's hash leaves out the one before it",
        "audit/sql/030_chain.sql",
        "hash = sha256(h.hash || int8send(h.n + 1) || sealed)",
        "hash = sha256(int8send(h.n + 1) || sealed)",
        "tests/audit/test_tampering.py::test_two_entries_that_change_places_are_found",
    ),
    Rule(
        "AUD-09",
        "the database takes a change without a reason",
        "audit/sql/040_row.sql",
        "IF TG_ARGV[1] = 't' AND NOT public.audit_reasoned() AND public.audit_replaces(was, is_now) THEN",
        "IF false THEN",
        "tests/audit/test_acting.py::test_a_first_answer_needs_no_reason_a_change_and_a_clearing_do",
    ),
    Rule(
        "AUD-07",
        "a digest is believed whoever signed it",
        "audit/anchor.py",
        'key.verify(base64.b64decode(said["signature"], validate=True), anchor.canonical())',
        'base64.b64decode(said["signature"], validate=True)',
        "tests/audit/test_anchor.py::test_a_changed_anchor_is_no_anchor",
    ),
    Rule(
        "CON-01",
        "the later of two saves wins",
        "visits/capture/change.py",
        "raise Conflict(number, before)",
        "pass",
        "tests/visits/test_save_pages.py::test_a_stale_save_is_refused_with_what_stands",
    ),
    Rule(
        "EDQ-07",
        "whoever answers a query may close it",
        "visits/review/queries.py",
        "require_ready(by, step.action, query.site_id)",
        "require_ready(by, Action.QUERY_READ, query.site_id)",
        "tests/visits/test_queries.py::test_nobody_else_is_entitled",
    ),
)


def fits(rule: Rule, house: Path = HOUSE) -> bool:
    """Say whether what would be broken stands in its file, exactly once."""
    return (house / rule.file).read_text(encoding="utf-8").count(rule.old) == 1


def copied(into: Path) -> Path:
    """Copy what belongs to the house, committed or not, and link what was installed beside it."""
    house = into / "main"
    asked = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    known = subprocess.run(asked, cwd=HOUSE, capture_output=True, check=True).stdout
    for name in filter(None, known.decode().split("\0")):
        if name not in LINKED and (HOUSE / name).is_file():
            (house / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(HOUSE / name, house / name)
    for name in LINKED:
        if (HOUSE / name).exists():
            (house / name).symlink_to((HOUSE / name).resolve())
    (into / "shared").symlink_to(HOUSE.parent / "shared")
    return house


def ran(house: Path, *tests: str) -> tuple[int, str]:
    """Run tests there; return how many failed (-1: they did not even run) and the last line."""
    command = [sys.executable, "-m", "pytest", "-n0", "-q", "--no-header", "-p", "no:cacheprovider", *tests]
    done = subprocess.run(command, cwd=house, capture_output=True, text=True, check=False)
    lines = (done.stdout.strip() or done.stderr.strip() or "nothing was said").splitlines()
    last = "; ".join(
        [*(line for line in lines if line.startswith(("FAILED tests", "ERROR tests")))][:3] + lines[-1:]
    )
    if done.returncode not in (0, 1):
        return -1, last
    return sum(int(number) for number in re.findall(r"(\d+) (?:failed|error)", lines[-1])), last


def seen(rule: Rule, house: Path) -> bool:
    """Break a rule in the copy, run its test, mend it again; say whether the test failed."""
    if not fits(rule, house):
        told(rule, "NOT SEEN", f"what would be broken does not stand in {rule.file}, once")
        return False
    file = house / rule.file
    whole = file.read_text(encoding="utf-8")
    file.write_text(whole.replace(rule.old, rule.new), encoding="utf-8")
    try:
        failed, last = ran(house, rule.test)
    finally:
        file.write_text(whole, encoding="utf-8")
    told(rule, "seen" if failed > 0 else "NOT SEEN", last)
    return failed > 0


def told(rule: Rule, verdict: str, last: str) -> None:
    sys.stdout.write(f"{rule.id:<8} {verdict:<9} {rule.broken}\n{'':18} {rule.test}\n{'':18} {last}\n")
    sys.stdout.flush()


def main(chosen: list[str]) -> int:
    """Break the chosen rules (none: all), one after the other; return 1 where one was not seen."""
    rules = [rule for rule in RULES if not chosen or rule.id in chosen]
    started = time.monotonic()
    own = servers.ensure()
    try:
        with tempfile.TemporaryDirectory(prefix="broken-") as folder:
            house = copied(Path(folder))
            failed, last = ran(house, *{rule.test: None for rule in rules})
            if failed:
                sys.stdout.write(f"The house is not whole before anything was broken: {last}\n")
                return 1
            unseen = [rule.id for rule in rules if not seen(rule, house)]
    finally:
        if own is not None:
            servers.end(own)
    spent = time.monotonic() - started
    sys.stdout.write(f"{len(rules)} rules broken, {len(rules) - len(unseen)} seen, in {spent:.0f} s\n")
    return bool(unseen)


if __name__ == "__main__":
    os.environ.setdefault("EDC_TEST_SERVERS", "own")
    sys.exit(main(sys.argv[1:]))
