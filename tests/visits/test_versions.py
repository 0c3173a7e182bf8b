"""Pages and versions of the protocol: each keeps its own, a new one takes what holds at its site (EDQ-08)."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import clock
from audit.context import Reason, acting
from audit.models import Entry
from outcomes.datasets.dictionary import dictionary as dictionary_file
from protocol.codelists import COMPLY
from sites.versions import SiteVersion
from subjects.models import Subject
from tests.amendment import ADDED, NEW_LABEL, NEW_TERM, RETIRED, REWORDED, VERSION, amended, forget, offer
from tests.enrolled import screened, treated
from tests.people import FIRST, People, build_people
from visits import dossier as dossiers
from visits.capture.entry import PageEntry, SaveRefused
from visits.capture.save import save_pages
from visits.capture.upgrade import NothingToUpgrade, preview, upgrade_page, upgrade_pages
from visits.models import Lock, Page, Query
from visits.printing.content import Reader
from visits.review.locking import lock

OLD, NEW = "1.0", VERSION
CAME = {"contact_mode": "CLIN", "vital_status": "A"}


@pytest.fixture
def people(own_database: str) -> Iterator[People]:
    with amended(own_database):
        yield build_people()


def switched_on(site: str, since: date) -> None:
    """Have the amendment in force at a site from a day on; how that comes about is tested elsewhere."""
    with acting(by=FIRST):
        SiteVersion.objects.create(
            site_id=site,
            version=NEW,
            ethics_no="2026-A1",
            ethics_date=since,
            effective_from=since,
            recorded_by="x",
            switched_on_at=clock.now(),
            switched_on_by="x",
            report=uuid.uuid4(),
        )


def follow_up(people: People, subject: Subject, visit: str = "M6", days_ago: int = 0, **values: Any) -> Page:
    day = clock.today() - timedelta(days=days_ago)
    entry = PageEntry(subject.pk, "FU", visit, values={**CAME, "fu_date": day, **values})
    save_pages([entry], by=people.li_na)
    return Page.objects.get(subject=subject, form="FU", visit__code=visit)


def shown(people: People, subject: Subject, visit: str) -> str:
    return people.client("li_na").get(f"/subjects/{subject.pk}/{visit}/FU/").content.decode()


def asks(html: str, item: str) -> bool:
    return re.search(rf'data-item="{item}"', html) is not None


@pytest.mark.urs("EDQ-08")
def test_a_site_without_approval_is_not_offered_the_new_version(people: People) -> None:
    subject = treated(people, 180)
    html = shown(people, subject, "M6")
    assert not asks(html, ADDED)
    assert asks(html, RETIRED)
    assert NEW_LABEL.en not in html
    assert NEW_TERM.label.en not in html
    page = follow_up(people, subject)
    assert page.form_version == OLD
    with pytest.raises(SaveRefused):
        follow_up(people, subject, "M12", **{ADDED: 400})
    with pytest.raises(SaveRefused):
        follow_up(people, subject, "M12", comply_asa=NEW_TERM.code)


@pytest.mark.urs("EDQ-08")
def test_a_page_keeps_its_version_and_a_new_one_takes_the_one_in_force(people: People) -> None:
    """peers.md 51 (phoenixCTMS: insert a field into an existing form)."""
    subject = treated(people, 180)
    old = follow_up(people, subject, "M3", 90, **{RETIRED: "NEV"}, comply_asa="GOOD")
    switched_on("07", clock.today())
    html = shown(people, subject, "M3")
    assert asks(html, RETIRED) and not asks(html, ADDED)
    assert NEW_LABEL.en not in html and NEW_TERM.label.en not in html
    html = shown(people, subject, "M6")
    assert asks(html, ADDED) and not asks(html, RETIRED)
    assert NEW_LABEL.en in html and NEW_TERM.label.en in html
    page = follow_up(people, subject, comply_asa=NEW_TERM.code, **dict[str, Any]({ADDED: 30}))
    assert (page.form_version, old.form_version) == (NEW, OLD)
    asked = {item for query in Query.objects.filter(page=page) for item in query.items}
    assert ADDED in asked, "30 m is below the usual range of the new item"
    with pytest.raises(SaveRefused):
        follow_up(people, subject, "M12", **dict[str, Any]({RETIRED: "NEV"}))


@pytest.mark.urs("EDQ-08", "CON-03")
def test_an_answer_to_what_is_asked_no_longer_is_not_dropped_in_silence(people: People) -> None:
    """The page was open while the amendment was switched on."""
    subject = treated(people, 180)
    address = f"/subjects/{subject.pk}/M6/FU/"
    li_na = people.client("li_na")
    typed = {"p-revision": "0", "p-contact_mode": "TEL", f"p-{RETIRED}": "NEV"}
    switched_on("07", clock.today())
    answer = li_na.post(address, typed)
    assert (answer.status_code, "does not ask any more" in answer.content.decode()) == (409, True)
    assert not Page.objects.filter(subject=subject, form="FU").exists()
    assert li_na.post(address, {**typed, f"p-{RETIRED}": ""}).status_code == 302


def test_limits_and_completeness_are_those_of_the_page(people: People) -> None:
    subject = treated(people, 180)
    old = follow_up(people, subject, "M3", 90, fu_rutherford="2", **{REWORDED: 400})
    switched_on("07", clock.today())
    page = follow_up(people, subject, fu_rutherford="2", **dict[str, Any]({REWORDED: 400}))
    limited = Query.objects.filter(check_id=f"RNG-FU.{REWORDED}-S")
    assert {query.page_id for query in limited} == {page.pk}
    # The new item is required, the retired one was optional: one more open item on the new page.
    assert page.unanswered == old.unanswered + 1
    entry = PageEntry(subject.pk, "FU", "M3", values={REWORDED: 401}, page_id=old.pk, revision=old.revision)
    save_pages([entry], by=people.li_na, reason=Reason("TYPO"))
    again = Page.objects.get(pk=old.pk)
    assert (again.form_version, again.unanswered) == (OLD, old.unanswered)


def test_a_visit_of_before_the_amendment_is_entered_by_the_old_version(people: People) -> None:
    subject = treated(people, 180)
    save_pages(
        [PageEntry(subject.pk, "FU", "M3", values={**CAME, "fu_date": clock.today() - timedelta(days=90)})],
        by=people.li_na,
    )
    switched_on("07", clock.today() - timedelta(days=10))
    values = {"abi_date": clock.today() - timedelta(days=90)}
    save_pages([PageEntry(subject.pk, "ABI", "M3", values=values)], by=people.li_na)
    assert Page.objects.get(subject=subject, form="ABI").form_version == OLD
    save_pages([PageEntry(subject.pk, "ABI", "M6", values={"abi_date": clock.today()})], by=people.li_na)
    assert Page.objects.get(subject=subject, form="ABI", visit__code="M6").form_version == NEW


def test_another_site_stays_with_its_own_version(people: People) -> None:
    switched_on("07", clock.today())
    assert Page.objects.get(subject=screened(people, "02")).form_version == OLD
    assert Page.objects.get(subject=screened(people, "07")).form_version == NEW


def test_the_printed_page_has_the_labels_of_its_version(people: People) -> None:
    subject = treated(people, 180)
    follow_up(people, subject, "M3", 90, fu_rutherford="2", **{REWORDED: 100, RETIRED: "NEV"})
    switched_on("07", clock.today())
    follow_up(people, subject, fu_rutherford="2", **dict[str, Any]({REWORDED: 100}))
    dossier = dossiers.load(subject)
    labels = {
        page.visit: {line.label.en for part in Reader(dossier).page(page).parts for line in part.lines}
        for page in dossier.of("FU")
    }
    assert NEW_LABEL.en in labels["M6"] and NEW_LABEL.en not in labels["M3"]
    assert "Smoking now" in labels["M3"] and "Smoking now" not in labels["M6"]
    assert "Six-minute walk" in labels["M6"] and "Six-minute walk" not in labels["M3"]


def test_the_window_is_that_of_the_version(people: People) -> None:
    day = clock.today()
    subject = treated(people, 200)
    page = follow_up(people, subject)
    assert not Query.objects.filter(page=page, check_id="EC-043").exists(), "day 200 of 150 to 210"
    other = treated(people, 200)
    switched_on("07", day)
    late = follow_up(people, other)
    assert Query.objects.filter(page=late, check_id="EC-043").exists(), "day 200 of 165 to 195"
    assert not Query.objects.filter(page=page, check_id="EC-043").exists()


def test_an_upgrade_is_a_named_act_that_shows_first_what_it_does(people: People) -> None:
    """peers.md 48 (Rave: a migration may lose data) and 49 (Viedoc: locked forms are left behind unnamed)."""
    subject = treated(people, 180)
    values = {"fu_rutherford": "2", REWORDED: 400, RETIRED: "NEV"}
    page = follow_up(people, subject, "M3", 90, **values)
    locked = follow_up(people, subject, "M1", 150)
    lock(level="page", page=locked, by=people.chen_jing, reason="checked", interim=True)
    with pytest.raises(NothingToUpgrade):
        upgrade_page(page=page, by=people.chen_jing, reason="as agreed")
    switched_on("07", clock.today())
    dossier = dossiers.load(subject)
    record = dossier.page(page.pk)
    assert record is not None
    shown_first = preview(dossier, record, NEW)
    assert (shown_first.asked, shown_first.kept) == ((ADDED,), (RETIRED,))
    assert {one.check_id for one in shown_first.queries} == {f"RNG-FU.{REWORDED}-S"}
    assert Page.objects.get(pk=page.pk).form_version == OLD
    for by, why in ((people.li_na, PermissionDenied), (people.wang_lei, PermissionDenied)):
        with pytest.raises(why):
            upgrade_page(page=page, by=by, reason="as agreed")
    with pytest.raises(ValueError, match="reason"):
        upgrade_page(page=page, by=people.chen_jing, reason=" ")
    done = upgrade_pages(pages=[page, locked], by=people.chen_jing, reason="as agreed")
    assert [one.pk for one in done.locked] == [locked.pk]
    (new,) = done.done
    assert (new.form_version, new.unanswered) == (NEW, shown_first.unanswered)
    assert Query.objects.filter(page=page, check_id=f"RNG-FU.{REWORDED}-S").exists()
    kept = dossiers.load(subject).page(page.pk)
    assert kept is not None and kept.get(RETIRED) == "NEV"
    said = Entry.objects.filter(page_id=str(page.pk), table_name="visits_page").order_by("-n").first()
    assert said is not None and (said.actor_name, said.reason_text) in {
        ("Chen Jing", "as agreed"),
        ("edit checks", "as agreed"),
    }


def test_a_retired_answer_may_stay_where_it_stands(people: People) -> None:
    subject = treated(people, 180)
    page = follow_up(people, subject, "M3", 90, comply_asa="STOP")
    terms = COMPLY.terms
    offer(tuple(replace(term, until=NEW) if term.code == "STOP" else term for term in terms))
    forget()
    try:
        switched_on("07", clock.today())
        upgrade_page(page=page, by=people.chen_jing, reason="as agreed")
        html = shown(people, subject, "M3")
        assert re.search(r'name="[^"]+-comply_asa"[^>]*value="STOP"[^>]*checked', html)
        with pytest.raises(SaveRefused):
            follow_up(people, subject, comply_asa="STOP")
        stands = Page.objects.get(pk=page.pk)
        values = {"comply_asa": "STOP", "comply_statin": "GOOD"}
        entry = PageEntry(subject.pk, "FU", "M3", values=values, page_id=page.pk, revision=stands.revision)
        save_pages([entry], by=people.li_na)
    finally:
        offer(terms)
        forget()


def test_switching_on_touches_no_page_no_lock_and_no_confirmation(people: People) -> None:
    """peers.md 47 (Castor: an added field drops signatures and makes locked forms incomplete)."""
    subject = treated(people, 180)
    kept = follow_up(people, subject, "M3", 90, **{RETIRED: "NEV"})
    lock(level="page", page=kept, by=people.chen_jing, reason="checked", interim=True)
    entries = Entry.objects.filter(chain=f"subject:{subject.pk}")
    before = (Page.objects.get(pk=kept.pk).unanswered, entries.filter(page_id=str(kept.pk)).count())
    switched_on("07", clock.today())
    follow_up(people, subject)
    after = (Page.objects.get(pk=kept.pk).unanswered, entries.filter(page_id=str(kept.pk)).count())
    assert after == before
    assert not Lock.objects.exclude(released_at=None).exists()


def test_the_dictionary_says_since_and_until_when_an_item_is_asked(people: People) -> None:
    """peers.md 50 (REDCap: the dictionary has no history)."""
    lines = dictionary_file("x").content.decode().splitlines()
    asked = {line.split(",")[3]: line for line in lines if line.startswith("fu,")}
    assert ",1.1,," in asked[ADDED]
    assert ",1.0,1.1," in asked[RETIRED]


def test_the_budget_of_statements_holds_with_an_amendment(people: People) -> None:
    subject = treated(people, 180)
    switched_on("07", clock.today())
    li_na = people.client("li_na")
    address = f"/subjects/{subject.pk}/M6/FU/"
    li_na.get(address)
    with CaptureQueriesContext(connection) as opened:
        li_na.get(address)
    data = {"p-revision": "0", "key": str(uuid.uuid4()), "p-contact_mode": "TEL"}
    with CaptureQueriesContext(connection) as saved:
        assert li_na.post(address, data).status_code == 302
    ends = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
    counted = [
        [q["sql"] for q in c.captured_queries if not q["sql"].startswith(ends)] for c in (opened, saved)
    ]
    assert len(counted[0]) <= 12, "\n".join(sql[:150] for sql in counted[0])
    assert len(counted[1]) <= 18, "\n".join(sql[:150] for sql in counted[1])
