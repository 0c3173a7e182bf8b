"""The CRF page over HTTP: what is refused, what is kept, and how many statements it takes."""

import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from subjects.models import Subject
from tests.people import People
from tests.visits.test_save_pages import TYPO, demographics, stored
from visits import dossier as dossiers
from visits.capture.save import save_pages
from visits.models import Page, Query

pytestmark = pytest.mark.django_db
OPEN_BUDGET, SAVE_BUDGET = 12, 18


def address(subject: Subject, visit: str = "SCR", form: str = "DM") -> str:
    return f"/subjects/{subject.pk}/{visit}/{form}/"


def sent(client: Client, url: str, **typed: Any) -> Any:
    """Send a page as its form does: the prefix and the hidden boxes come from what the server drew."""
    drawn = client.get(url).content.decode()
    prefix, revision = re.findall(r'name="(r[0-9a-f]{32}|new|p)-revision" value="(\d+)"', drawn)[-1]
    key = re.search(r'name="key" value="([^"]+)"', drawn)
    data: dict[str, Any] = {"key": key[1] if key else "", f"{prefix}-revision": revision}
    data |= {
        name if name in ("reason", "clear_hidden", "then") else f"{prefix}-{name.replace('__', '-')}": value
        for name, value in typed.items()
    }
    return client.post(url, data)


def test_a_page_is_saved_and_shown_again(subject: Subject, li_na: Client) -> None:
    answer = sent(
        li_na, address(subject), birth_ym__y="1955", birth_ym__m="4", age="70", sex="M", height_cm="171.5"
    )
    assert answer.status_code == 302
    page = stored(subject, "DM")
    assert page.values["birth_ym"] == "1955-04"
    drawn = li_na.get(address(subject)).content.decode()
    assert 'value="171.5"' in drawn
    assert "性别" in drawn and "Sex" in drawn


@pytest.mark.urs("EDQ-02")
@pytest.mark.parametrize(
    ("item", "typed"),
    [
        ("age", "1_0"),
        ("age", "1e3"),
        ("age", "٣"),
        ("age", "NaN"),
        ("age", "−5"),
        ("age", "12.5"),
        ("age", "121"),
        ("age", "7\x000"),
        ("height_cm", "1,5"),
        ("height_cm", "1,234.5"),
        ("height_cm", "171.55"),
        ("height_cm", "Infinity"),
        ("height_cm", "1E400"),
        ("height_cm", "１７１．５"),
        ("pregnancy_test_date", "03/04/2025"),
        ("pregnancy_test_date", "1 3 2026"),
        ("pregnancy_test_date", "2023-02-29"),
        ("pregnancy_test_date", "0001-01-01"),
        ("pregnancy_test_date", "9999-12-31"),
        ("sex", "X"),
        ("sex", "‮M"),
    ],
)
def test_what_would_have_to_be_guessed_is_refused_and_kept(
    subject: Subject, li_na: Client, item: str, typed: str
) -> None:
    """Faults 27 to 34: a sentence at the item, the text still there, nothing stored, no 500."""
    answer = sent(li_na, address(subject), **{item: typed})
    drawn = answer.content.decode()
    assert answer.status_code == 422
    assert "note danger" in drawn
    if "\x00" not in typed and item not in ("sex",):
        assert f'value="{typed}"' in drawn
    assert not Page.objects.filter(form="DM").exists()


@pytest.mark.urs("EDQ-02")
def test_full_width_digits_are_taken_only_when_agreed_to(subject: Subject, li_na: Client) -> None:
    refused = sent(li_na, address(subject), height_cm="１７１．５")
    assert 'value="171.5"' in refused.content.decode()
    answer = sent(li_na, address(subject), height_cm="１７１．５", height_cm__yes="171.5")
    assert answer.status_code == 302
    page = stored(subject, "DM")
    assert str(page.values["height_cm"]) == "171.5"
    assert page.raw["height_cm"] == "１７１．５"


@pytest.mark.urs("EDQ-02")
def test_an_answer_that_stays_keeps_the_text_it_was_given_in(subject: Subject, li_na: Client) -> None:
    """Saved again beside a change of another item, the answer's own text is not replaced in silence."""
    sent(li_na, address(subject), height_cm="１７１．５", height_cm__yes="171.5", weight_kg="80")
    was = stored(subject, "DM").raw
    assert was["height_cm"] == "１７１．５"
    answer = sent(li_na, address(subject), height_cm="171.5", weight_kg="80", sex="M")
    assert answer.status_code == 302
    assert stored(subject, "DM").raw == was
    assert sent(li_na, address(subject), height_cm="172", sex="M", reason="TYPO").status_code == 302
    assert stored(subject, "DM").raw.get("height_cm") != "１７１．５"


@pytest.mark.urs("EDQ-02")
def test_the_seconds_of_a_moment_that_stays_are_not_lost(subject: Subject, li_na: Client) -> None:
    """What the box shows comes back with the next save of another item."""
    at = f"/subjects/{subject.pk}/LOG/DD/"
    moment = "2026-03-01 14:05:30"
    answer = li_na.post(at, {"new-revision": "0", "new-dd_aware_dt": moment})
    assert answer.status_code == 302
    assert f'value="{moment}"' in li_na.get(f"{at}?record=1").content.decode()


@pytest.mark.urs("EDQ-02")
@pytest.mark.parametrize(
    "text",
    [
        "𠮷㛃 é é 🙂",
        "<script>alert(1)</script>",
        "=cmd|' /C calc'!A0",
        "'; DROP TABLE x; --",
        "{{7*7}}",
        "../../etc/passwd",
    ],
)
def test_text_is_stored_exactly_and_shown_inert(subject: Subject, li_na: Client, text: str) -> None:
    """Faults 30 and 37."""
    answer = sent(
        li_na, address(subject, "SCR", "LH"), target_limb="L", bilateral_isr="Y", target_limb_rule=text
    )
    assert answer.status_code == 302
    assert dossiers.load(subject).value("lh.target_limb_rule") == text
    drawn = li_na.get(address(subject, "SCR", "LH")).content.decode()
    assert "<script>alert" not in drawn
    assert "49" not in re.findall(r'target_limb_rule" value="([^"]*)"', drawn)


@pytest.mark.parametrize("text", ["a\ud800b", "x" * 1_000_000])
def test_text_that_cannot_be_stored_is_refused(subject: Subject, li_na: Client, text: str) -> None:
    """Faults 27 and 29: a lone surrogate, one megabyte in an item of 100 characters."""
    body = f"p-target_limb_rule={'%ED%A0%80' if len(text) < 9 else text}&p-revision=0"
    answer = li_na.post(address(subject, "SCR", "LH"), body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in (400, 413, 422)
    assert not Page.objects.filter(form="LH").exists()


@pytest.mark.urs("SEC-17")
def test_an_item_that_is_sent_twice_is_refused(subject: Subject, li_na: Client) -> None:
    answer = sent(li_na, address(subject), sex=["M", "F"])
    assert answer.status_code == 422
    assert not Page.objects.filter(form="DM").exists()


@pytest.mark.urs("ACL-10")
def test_what_the_page_does_not_ask_cannot_be_sent(subject: Subject, li_na: Client) -> None:
    forged = {"age": "70", "site": "02", "subject": "x", "planned_dt": "2020-01-01"}
    # A revision that nothing here has: as if the page had been opened, and had gone since.
    assert sent(li_na, address(subject), revision="9", **forged).status_code == 409
    assert not Page.objects.filter(form="DM").exists()
    sent(li_na, address(subject), **forged)
    page = Page.objects.get(form="DM")
    assert (page.site_id, page.subject_id, page.revision) == ("07", subject.pk, 1)


@pytest.mark.urs("CON-01")
def test_a_second_save_gets_a_comparison_and_keeps_its_input(
    people: People, subject: Subject, li_na: Client
) -> None:
    save_pages([demographics(subject)], by=people.li_na)
    prefix = "p"
    save_pages([demographics(subject, values={"age": 66})], by=people.li_na, reason=TYPO)
    answer = li_na.post(
        address(subject),
        {f"{prefix}-revision": "1", f"{prefix}-age": "68", f"{prefix}-sex": "M", "reason": "TYPO"},
    )
    drawn = answer.content.decode()
    assert answer.status_code == 409
    assert 'name="p-age" value="68"' in drawn and '<span class="b">66 years</span>' in drawn
    assert dossiers.load(subject).value("dm.age") == 66


@pytest.mark.urs("AUD-09")
def test_a_change_without_reason_asks_for_one(people: People, subject: Subject, li_na: Client) -> None:
    save_pages([demographics(subject)], by=people.li_na)
    typed = {"birth_ym__y": "1955", "birth_ym__m": "04", "sex": "M", "age": "71"}
    assert sent(li_na, address(subject), **typed).status_code == 422
    assert dossiers.load(subject).value("dm.age") == 70
    assert sent(li_na, address(subject), **typed, reason="OTHER").status_code == 422
    assert sent(li_na, address(subject), **typed, reason="TYPO").status_code == 302
    assert dossiers.load(subject).value("dm.age") == 71


def test_budget_of_statements(people: People, subject: Subject, li_na: Client) -> None:
    """Open in at most 12, save in at most 18 statements, session and login included (design §5)."""
    li_na.get(address(subject, "M1", "FU"))
    with CaptureQueriesContext(
        connection,
    ) as opened:
        li_na.get(address(subject, "M1", "FU"))
    data = {
        "p-revision": "0",
        "key": str(uuid.uuid4()),
        "p-contact_mode": "CLIN",
        "p-fu_date": "2026-03-01",
        "p-vital_status": "A",
        "p-fu_rutherford": "6",
    }
    with CaptureQueriesContext(connection) as saved:
        assert li_na.post(address(subject, "M1", "FU"), data).status_code == 302
    counted = [[q["sql"] for q in c.captured_queries if "SAVEPOINT" not in q["sql"]] for c in (opened, saved)]
    assert Query.objects.filter(page__form="FU").count() == 1
    assert len(counted[0]) <= OPEN_BUDGET, "\n".join(sql[:150] for sql in counted[0])
    assert len(counted[1]) <= SAVE_BUDGET, "\n".join(sql[:150] for sql in counted[1])


def test_a_page_that_was_not_done_says_why_and_can_be_done_after_all(subject: Subject, li_na: Client) -> None:
    url = address(subject, "M3", "ABI")
    li_na.post(f"{url}not-done/", {"revision": "0", "text": ""})
    assert not Page.objects.filter(form="ABI").exists()
    li_na.post(f"{url}not-done/", {"revision": "0", "text": "The cuff was broken."})
    page = Page.objects.get(form="ABI")
    assert (page.not_done, page.not_done_reason, page.unanswered) == (True, "The cuff was broken.", 0)
    assert "The cuff was broken." in li_na.get(url).content.decode()
    li_na.post(f"{url}not-done/", {"revision": "1", "text": "Found in the ward's book."})
    page.refresh_from_db()
    assert not page.not_done
    assert page.unanswered > 0


def test_a_page_is_printed_from_where_it_is_read(subject: Subject, li_na: Client) -> None:
    drawn = li_na.get(address(subject, "SCR", "IC")).content.decode()
    page = Page.objects.get(form="IC")
    assert f'name="page" value="{page.pk}"' in drawn
    answer = li_na.post(f"/subjects/{subject.pk}/pdf/", {"page": str(page.pk)})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/jobs/")
