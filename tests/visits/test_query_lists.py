"""Lists of queries and what users of other systems complain about (peers.md §2.3): a named test each."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import clock
from subjects.models import Subject
from tests.enrolled import entry_on, screened
from tests.people import People
from tests.visits.test_save_pages import TYPO, demographics
from tests.visits.trail.test_odm import exported
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.models import Page, Query
from visits.review import bulk, check_rates, locking, query_lists
from visits.review.bulk import Place
from visits.review.queries import CLOSE_REASONS, MOVES, NotPossible, move_query, raise_query
from visits.review.query_lists import Wanted
from visits.templatetags.edc import GLYPHS

pytestmark = pytest.mark.django_db


@pytest.fixture
def subject(people: People) -> Subject:
    made = screened(people)
    save_pages([demographics(made)], by=people.li_na)
    return made


@pytest.fixture
def page(subject: Subject) -> Page:
    return Page.objects.get(subject=subject, form="DM")


def change(page: Page, people: People, **values: Any) -> None:
    entry = PageEntry(subject_id=page.subject_id, form="DM", visit="SCR", page_id=page.pk, values=values)
    save_pages([entry], by=people.li_na, reason=TYPO)


def by_a_check(subject: Subject, people: People) -> Query:
    """Return what a check over two items asks: a current smoker, and no pack-years."""
    answers = {"smoking": "CUR", "pack_years": 0}
    save_pages([PageEntry(subject_id=subject.pk, form="MH", visit="SCR", values=answers)], by=people.li_na)
    return Query.objects.get(check_id="EC-015")


def test_a_query_is_about_items_several_items_or_a_page(people: People, page: Page) -> None:
    for items in ([], ["age"], ["age", "sex"]):
        assert raise_query(page=page, items=items, text="Why?", by=people.wang_lei).items == items
    with pytest.raises(ValueError, match="items"):
        raise_query(page=page, items=["no_such_item"], text="Why?", by=people.wang_lei)
    sent = {"page": page.pk, "items": ["age", "sex"], "text": "Both?"}
    people.client("wang_lei").post(f"/subjects/{page.subject_id}/query/", sent)
    assert Query.objects.get(message_en="Both?").items == ["age", "sex"]


def test_filters_are_the_address_and_survive_going_back(people: People, page: Page) -> None:
    other = Page.objects.get(subject=screened(people, "02"), form="IC")
    here = raise_query(page=page, items=["age"], text="Here?", by=people.wang_lei)
    raise_query(page=other, items=[], text="There?", by=people.wang_lei)
    client = people.client("wang_lei")
    address = "show=open&site=07&age=week&form=DM"
    shown = client.get(f"/queries/?{address}").content.decode()
    assert "Here?" in shown
    assert "There?" not in shown
    thread = f"/queries/{here.pk}/?list={'show%3Dopen%26site%3D07%26age%3Dweek%26form%3DDM'}"
    assert thread in shown
    back = client.get(thread).content.decode()
    assert "/queries/?show=open&amp;site=07&amp;age=week&amp;form=DM" in back
    closed = client.post(f"/queries/{here.pk}/", {"move": "close", "reason": "confirmed", "list": address})
    assert closed.headers["Location"] == thread
    for bad in ("show=none", "age=ancient", "form=XX"):
        assert client.get(f"/queries/?{bad}").status_code == 404
    assert client.get("/queries/?page=7&site=99").status_code == 200


def test_a_site_counts_and_sees_its_own_alone(people: People, page: Page) -> None:
    raise_query(page=page, items=["age"], text="Here?", by=people.wang_lei)
    raise_query(
        page=Page.objects.get(subject=screened(people, "02")), items=[], text="There?", by=people.wang_lei
    )
    wanted = Wanted(show="every")
    assert {line.name for line in query_lists.counted(by=people.wang_lei, wanted=wanted).sites} >= {
        "02",
        "07",
    }
    assert {line.name for line in query_lists.counted(by=people.li_na, wanted=wanted).sites} == {"07"}


@pytest.mark.urs("EDQ-11")
def test_ages_come_from_the_transitions(people: People, page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    query = raise_query(page=page, items=["age"], text="Here?", by=people.wang_lei)
    start = clock.now()
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(days=10))
    assert [q.pk for q in query_lists.listed(by=people.wang_lei, wanted=Wanted(age="fortnight"))] == [
        query.pk
    ]
    assert not query_lists.listed(by=people.wang_lei, wanted=Wanted(age="week", form="DM")).exists()
    query = move_query(query=query, move="answer", by=people.li_na, text="Yes")
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(days=13))
    assert [time.days for time in query_lists.time_in_states(query).values()] in ([10, 3], [9, 3])
    move_query(query=query, move="close", by=people.wang_lei, reason="confirmed")
    (site,) = query_lists.pace(by=people.wang_lei)
    assert (site.site, site.to_answer, site.to_close) == ("07", 10.0, 3.0)
    counted = query_lists.counted(by=people.wang_lei, wanted=Wanted(show="closed", site="07"))
    assert [(line.name, line.number, line.by_age) for line in counted.forms] == [("DM", 1, [1, 0, 0, 0])]


def test_a_removed_row_closes_what_was_asked_about_it_as_obsolete(people: People, subject: Subject) -> None:
    """peers.md 23 (OpenClinica 4: queries live on under deleted rows)."""
    row = save_pages(
        [PageEntry(subject_id=subject.pk, form="AE", values={"ae_term": "Rash"})], by=people.li_na
    )
    page = Page.objects.get(pk=row.pages[0].id)
    asked = raise_query(page=page, items=["ae_term"], text="Where?", by=people.wang_lei)
    gone = PageEntry(subject_id=subject.pk, form="AE", page_id=page.pk, removed=True)
    saved = save_pages([gone], by=people.li_na, reason=TYPO)
    asked.refresh_from_db()
    assert (asked.state, asked.close_reason, asked.pk in saved.closed) == ("CLOSED", "obsolete", True)
    assert not Query.objects.filter(page=page, state__in=["OPEN", "ANSWERED", "CANDIDATE"]).exists()
    back = PageEntry(subject_id=subject.pk, form="AE", page_id=page.pk, removed=False)
    save_pages([back], by=people.li_na, reason=TYPO)
    asked.refresh_from_db()
    assert asked.state == "OPEN"


def test_a_hidden_item_closes_what_was_asked_about_it_as_obsolete(people: People, subject: Subject) -> None:
    """peers.md 23 (OpenClinica 4: queries live on under hidden items)."""
    values = {"ae_term": "Rash", "ae_serious": "Y", "ae_sae_crit": ["LT"]}
    row = save_pages([PageEntry(subject_id=subject.pk, form="AE", values=values)], by=people.li_na).pages[0]
    page = Page.objects.get(pk=row.id)
    hidden = raise_query(page=page, items=["ae_sae_crit"], text="Was it?", by=people.wang_lei)
    kept = raise_query(page=page, items=["ae_term"], text="Where?", by=people.wang_lei)
    entry = PageEntry(
        subject_id=subject.pk, form="AE", page_id=page.pk, values={"ae_serious": "N"}, clear_hidden=True
    )
    save_pages([entry], by=people.li_na, reason=TYPO)
    hidden.refresh_from_db()
    kept.refresh_from_db()
    assert (hidden.state, hidden.close_reason, kept.state) == ("CLOSED", "obsolete", "OPEN")
    assert hidden.steps.order_by("-at", "-id")[0].by_role == "SYSTEM"


# peers.md §2.3, asks 17 to 28.


def test_ask_17_one_question_is_raised_at_many_places_from_a_list(people: People, page: Page) -> None:
    pages = [page, *(Page.objects.get(subject=screened(people, site), form="IC") for site in ("07", "02"))]
    locking.lock(level="page", page=pages[1], by=people.chen_jing, reason="x", interim=True)
    places = [Place(pages[0], ("age",)), Place(pages[1]), Place(pages[2])]
    done = bulk.raise_queries(places=places, text="Is the source signed?", by=people.wang_lei)
    assert [query.page_id for query in done.queries] == [pages[0].pk, pages[2].pk]
    assert [place.page.pk for place in done.locked] == [pages[1].pk]
    client = people.client("wang_lei")
    sent = {"at": [f"{page.pk}:age,sex", str(pages[2].pk)], "text": "And dated?", "back": "/queries/?site=07"}
    assert client.post("/queries/raise/", sent).headers["Location"] == "/queries/?site=07"
    assert Query.objects.filter(message_en="And dated?").count() == 2
    client.post("/queries/raise/", {"text": "Nowhere?"})
    client.post("/queries/raise/", {"text": "Bad?", "at": "no-page"})
    assert not Query.objects.filter(message_en__in=["Nowhere?", "Bad?"]).exists()
    assert people.client("li_na").post("/queries/raise/", sent).status_code == 403
    shown = client.get("/queries/?show=open").content.decode()
    assert f'value="{page.pk}:age,sex"' in shown


def test_ask_18_a_correction_by_a_check_leaves_what_people_closed(people: People, page: Page) -> None:
    asked = raise_query(page=page, items=["age"], text="Right?", by=people.wang_lei)
    move_query(query=asked, move="close", by=people.wang_lei, reason="confirmed")
    change(page, people, age=71)
    asked.refresh_from_db()
    assert (asked.state, asked.close_reason) == ("CLOSED", "confirmed")


def test_ask_19_a_rule_over_two_items_asks_at_both(people: People, subject: Subject) -> None:
    """And every check names the forms that it asks on: no query hangs in the air."""
    assert set(by_a_check(subject, people).items) == {"pack_years", "smoking"}
    asking = [rate.check for rate in check_rates.rates(by=people.chen_jing) if rate.check.asks]
    assert [check.id for check in asking if check.forms] == [check.id for check in asking] != []


def test_ask_20_open_queries_leave_the_house(people: People, page: Page) -> None:
    """No programming interface exists; lists are addresses, and the trail's export holds every query."""
    assert Wanted.of({"show": "open", "site": "07"}) is not None
    query = raise_query(page=page, items=["age"], text="Is the source signed?", by=people.wang_lei)
    rows, _root = exported(people, "guo_tao")
    [held] = [row for row in rows if row["table_name"] == "visits_query"]
    assert str(query.pk) in held.values()
    assert "Is the source signed?" in held["new"]


def test_ask_21_the_list_costs_the_same_whatever_its_length(people: People, page: Page) -> None:
    client = people.client("wang_lei")
    client.get("/queries/")  # a session says once a minute that somebody is here
    counts = []
    for number in (1, 12):
        for one in range(number):
            raise_query(page=page, items=["age"], text=f"Right, {one}?", by=people.wang_lei)
        with CaptureQueriesContext(connection) as told:
            client.get("/queries/?show=open")
        counts.append(len(told))
    assert counts[0] == counts[1]


def test_ask_22_closed_by_a_change_looks_different_from_closed_by_a_person(
    people: People, subject: Subject, page: Page
) -> None:
    changed = by_a_check(subject, people)
    save_pages([entry_on(changed.page, values={"pack_years": 20})], by=people.li_na, reason=TYPO)
    kept = raise_query(page=page, items=["age"], text="Right?", by=people.wang_lei)
    move_query(query=kept, move="close", by=people.wang_lei, reason="confirmed")
    client = people.client("wang_lei")
    for query, how in ((changed, "auto"), (kept, "confirmed")):
        thread = client.get(f"/queries/{query.pk}/").content.decode().partition("<footer")[0]
        assert [one for one in CLOSE_REASONS if CLOSE_REASONS[one].en in thread] == [how]
    listed = query_lists.listed(by=people.wang_lei, wanted=Wanted(show="changed"))
    assert [one.pk for one in listed] == [changed.pk]


def test_ask_24_queries_on_logs_are_listed(people: People, subject: Subject) -> None:
    row = save_pages(
        [PageEntry(subject_id=subject.pk, form="AE", values={"ae_term": "Rash"})], by=people.li_na
    )
    page = Page.objects.get(pk=row.pages[0].id)
    raise_query(page=page, items=["ae_term"], text="Where was it?", by=people.wang_lei)
    assert "Where was it?" in people.client("wang_lei").get("/queries/?form=AE").content.decode()


def test_ask_25_whether_a_check_refuses_or_asks_is_said_of_each(people: People) -> None:
    shown = people.client("chen_jing").get("/checks/?show=all").content.decode()
    assert "own page: refuses the save" in shown
    assert "own page: asks" in shown


def test_ask_26_a_query_bears_the_same_sign_on_every_screen(people: People, page: Page) -> None:
    """And what is asked about opens at an address: no window that may fail to open."""
    query = raise_query(page=page, items=["age"], text="Is this so?", by=people.wang_lei)
    client = people.client("wang_lei")
    for sign in ("query-open", "query-answered"):
        for screen in (f"/subjects/{page.subject_id}/SCR/DM/", "/queries/?show=all"):
            shown = client.get(screen, follow=True).content.decode()
            assert f'class="g {GLYPHS[sign][1]}"' in shown and f"#g-{GLYPHS[sign][0]}" in shown, (
                screen,
                sign,
            )
            assert "Is this so?" in shown
        if sign == "query-open":
            move_query(query=query, move="answer", by=people.li_na, text="Yes")


def test_ask_27_a_thread_has_many_answers_and_a_reopened_query_keeps_its_words(
    people: People, page: Page
) -> None:
    query = raise_query(page=page, items=["age"], text="Right?", by=people.wang_lei)
    for move, by, text in (
        ("answer", people.li_na, "Yes"),
        ("ask_again", people.wang_lei, "Which source?"),
        ("answer", people.li_na, "The letter"),
        ("close", people.wang_lei, ""),
        ("ask_again", people.wang_lei, "The letter says 72"),
    ):
        move_query(query=query, move=move, by=by, text=text, reason="confirmed")
    said = [step.text for step in query.steps.all() if step.text]
    assert said == ["Yes", "Which source?", "The letter", "The letter says 72"]
    assert {move.after for move in MOVES.values()} <= set(Query.State.values)
    with pytest.raises(NotPossible):
        move_query(query=query, move="release", by=people.wang_lei)


def test_ask_28_each_check_tells_how_often_it_asked_and_changed_a_value(
    people: People, subject: Subject
) -> None:
    def rate() -> tuple[float | None, int | None]:
        [found] = [one for one in check_rates.rates(by=people.chen_jing) if one.check.id == "EC-015"]
        return found.percent, found.changed_percent

    assert rate() == (None, None)
    query = by_a_check(subject, people)
    other = screened(people)
    told = {"smoking": "NEV"}
    save_pages([PageEntry(subject_id=other.pk, form="MH", visit="SCR", values=told)], by=people.li_na)
    assert rate() == (50.0, None)
    save_pages([entry_on(query.page, values={"pack_years": 20})], by=people.li_na, reason=TYPO)
    assert rate() == (50.0, 100)
