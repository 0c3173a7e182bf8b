"""Every number on a home is a link to exactly the rows that it counts; statements stay few."""

import uuid
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from axes.models import AccessAttempt
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from lxml import html

from audit import clock
from audit.actors import Actor
from audit.context import acting
from defier.judging import to_judge
from outcomes.entering import enter
from outcomes.recomputation import recompute
from outcomes.timelines import read
from protocol.identifiers import screening_no, usubjid
from sites import accounts
from sites.lockout import digest_of
from subjects.models import Subject
from tests.enrolled import entry_on, screened, treated
from tests.people import FIRST, LAST, People, build_people
from visits.arranging.voiding import void_subject
from visits.capture.autosaves import keep
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.models import Page, Query
from visits.review.queries import raise_query

pytestmark = pytest.mark.django_db
MOST_STATEMENTS = 20
WHERE_ROWS_STAND = {
    "/verify/": "//section[.//*[@id='h-stale' or @id='h-wait']]//tbody/tr",
    "/subjects/": "//table[@data-matrix]/tbody/tr",
}
WHERE_ROWS_STAND["/safety/"] = WHERE_ROWS_STAND["/signing/"] = "//main//table/tbody/tr"

# An investigator's; a broken signature has its own tests (tests/visits/signing).
NUMBERS = ("confirm", "ready", "broken", "judge", "overdue", "queries", "unfinished", "risk")


@pytest.fixture
def people() -> People:
    return build_people()


@pytest.fixture
def busy(people: People) -> list[Subject]:
    """Subjects with something in every list of a site's home."""
    made = [treated(people, days) for days in (50, 40, 25, 60, 70, 80, 90, 100, 110, 120, 735)]
    made += [screened(people) for _number in range(3)]
    [timeline] = read("A-1 | V@30 V@365 R@412 | CDTLR24 => E@1")
    recompute([enter(timeline, people.sites["07"]).pk, *(subject.pk for subject in made)])
    for subject in made[:10]:
        page = Page.objects.get(subject=subject, form="PR")
        raise_query(page=page, items=["proc_date"], text="Is it so?", by=people.wang_lei)
    concluded = {"elig_outcome": "ELIG", "elig_date": clock.today()}
    save_pages([PageEntry(subject_id=made[-1].pk, form="IE", visit="SCR", values=concluded)], by=people.li_na)
    serious = {"ae_term": "x", "ae_serious": "Y", "ae_sae_crit": ["LT"]}
    for subject in made[:2]:
        save_pages([PageEntry(subject_id=subject.pk, form="AE", values=serious)], by=people.li_na)
    for number, by in enumerate([*[people.li_na] * 9, people.zhang_wei]):
        _type_and_leave(made[number], by)
    return made


def _type_and_leave(subject: Subject, by: Actor) -> None:
    keep(subject, visit="SCR", form="DM", key=uuid.uuid4(), typed={"p-age": ["68"]}, by=by)


def tree(browser: Client, address: str) -> Any:
    answer = browser.get(address)
    assert answer.status_code == 200, address
    return html.fromstring(answer.content)


def rows_behind(browser: Client, address: str) -> int:
    """Count the rows of the list that an address leads to: of the page, or of the part that it names."""
    there, split = tree(browser, address), urlsplit(address)
    if split.fragment:
        [part] = there.xpath(f"//*[@id='{split.fragment}']")
        return len(part.xpath(".//tbody/tr"))
    pages = [there]
    while following := pages[-1].xpath("//main//footer/a[contains(., 'Next')]/@href"):
        pages.append(tree(browser, urljoin(address, following[0])))
    rows = WHERE_ROWS_STAND.get(split.path, "(//main//table)[1]/tbody/tr")
    return sum(len(page.xpath(rows)) for page in pages)


@pytest.mark.parametrize("who", ["li_na", "zhang_wei", "wang_lei", "chen_jing", "guo_tao", "zhao_min"])
@pytest.mark.parametrize("show", ["", "overdue", "unfinished"])
def test_every_number_is_a_link_to_exactly_its_rows(
    people: People, busy: list[Subject], who: str, show: str
) -> None:
    browser = people.client(who)
    here = f"{reverse('home')}?show={show}"
    home = tree(browser, here)
    numbers = [(link.get("href"), int(link.get("data-number"))) for link in home.xpath("//a[@data-number]")]
    numbers += [(link.get("href"), int(link.text_content())) for link in home.xpath("//a[@data-list]")]
    assert len(numbers) >= 8
    wrong = [
        (href, said, found)
        for href, said in numbers
        if (found := rows_behind(browser, urljoin(here, href))) != said
    ]
    assert not wrong
    bare = [one.text_content() for one in home.xpath("//span[@class='count']") if not one.xpath("./a")]
    assert not bare, "a number that leads nowhere"


def test_the_lists_of_this_test_are_not_empty(people: People, busy: list[Subject]) -> None:
    home = tree(people.client("zhang_wei"), reverse("home"))
    said = [int(link.get("data-number")) for link in home.xpath("//a[@data-number]")]
    assert len(said) == len(NUMBERS)
    assert {name for name, number in zip(NUMBERS, said, strict=True) if not number} == {"broken"}


def test_an_investigator_judges_serious_events_until_their_relations_are_told(
    people: People, busy: list[Subject]
) -> None:
    waiting = to_judge(people.zhang_wei)
    assert {one.subject_id for one in waiting} == {subject.pk for subject in busy[:2]}
    assert to_judge(people.ma_lin) == []
    page = Page.objects.get(subject=busy[0], form="AE")
    told = {"ae_rel_proc": "0", "ae_rel_device": "0", "ae_rel_drug": "0", "ae_rel_antithr": "0"}
    entry = entry_on(page, values=told)
    save_pages([entry], by=people.zhang_wei)
    assert [one.subject_id for one in to_judge(people.zhang_wei)] == [busy[1].pk]
    assert 'id="judge"' not in people.client("li_na").get(reverse("home")).content.decode()


@pytest.mark.urs("AUD-18")
def test_what_was_typed_and_not_saved_is_listed_to_its_author_alone(people: People) -> None:
    subject, log = treated(people, 50), screened(people)
    _type_and_leave(subject, people.li_na)
    keep(log, visit=None, form="AE", key=uuid.uuid4(), typed={"p-ae_term": ["x"]}, by=people.li_na)
    links = tree(people.client("li_na"), reverse("home")).xpath("//*[@id='drafts']//td[2]/a/@href")
    assert links == [
        reverse("page", args=[log.pk, "LOG", "AE"]),
        reverse("page", args=[subject.pk, "SCR", "DM"]),
    ]
    assert not tree(people.client("zhang_wei"), reverse("home")).xpath("//*[@id='drafts']")
    void_subject(subject=log, reason="Entered twice", by=people.chen_jing)
    links = tree(people.client("li_na"), reverse("home")).xpath("//*[@id='drafts']//td[2]/a/@href")
    assert links == [reverse("page", args=[subject.pk, "SCR", "DM"])]


def test_queries_come_oldest_first(people: People, busy: list[Subject]) -> None:
    home = tree(people.client("li_na"), f"{reverse('home')}?show=queries")
    order = [link.get("href") for link in home.xpath("//*[@id='queries']//tbody//td[2]/a")]
    oldest = Query.objects.filter(state="OPEN").order_by("opened_at", "id")
    assert order == [reverse("query", args=[query.pk]) for query in oldest]


@pytest.mark.parametrize("who", ["li_na", "zhang_wei"])
def test_statements_stay_the_same_for_many_subjects(people: People, who: str) -> None:
    treated(people, 50)
    browser = people.client(who)
    browser.get(reverse("home"))
    with CaptureQueriesContext(connection) as few:
        browser.get(reverse("home"))
    _copies(578)
    with CaptureQueriesContext(connection) as many:
        answer = browser.get(reverse("home"))
    assert f'data-list="matrix">{Subject.objects.count()}</a>' in answer.content.decode()
    assert len(few) == len(many) <= MOST_STATEMENTS


def _copies(number: int) -> None:
    """Screen so many more subjects at site 07."""
    with acting(by=FIRST):
        Subject.objects.bulk_create(
            Subject(
                id=key,
                site_id="07",
                seq=seq,
                usubjid=usubjid("07", seq),
                screening_no=screening_no("07", seq),
            )
            for seq, key in enumerate(sorted(uuid.uuid4() for _one in range(number - 1)), start=2)
        )


def test_a_data_manager_sees_blockers_by_owner_and_the_checks_that_ask(
    people: People, busy: list[Subject]
) -> None:
    home = tree(people.client("chen_jing"), reverse("home"))
    [said] = home.xpath("//*[@id='blockers']//h2/a/text()")
    parts = [int(one) for one in home.xpath("//*[@id='blockers']//tbody//a[@data-list]/text()")]
    assert sum(parts) == int(said) > 0
    assert home.xpath("//*[@id='checks']//tbody/tr")


def test_an_inspector_is_told_until_when(people: People) -> None:
    text = people.client("guo_tao").get(reverse("home")).content.decode()
    assert f"Your access ends with {LAST.isoformat()}." in text


def test_an_administrator_sees_the_accounts_that_want_seeing_to(people: People) -> None:
    home = tree(people.client("zhao_min"), reverse("home"))
    before = {link.get("href"): int(link.get("data-number")) for link in home.xpath("//a[@data-number]")}
    assert before["/accounts/?show=roleless"] == 0
    accounts.add_user(by=FIRST, username="wu_di", full_name="Wu Di", full_name_zh="吴迪")
    digest = digest_of("WANG_LEI ")
    AccessAttempt.objects.create(username=digest, failures_since_start=5, ip_address="10.0.0.1")
    home = tree(people.client("zhao_min"), reverse("home"))
    after = {link.get("href"): int(link.get("data-number")) for link in home.xpath("//a[@data-number]")}
    assert after["/accounts/?show=roleless"] == 1
    assert after["/accounts/?show=locked"] == 1
    listed = tree(people.client("zhao_min"), "/accounts/?show=locked").xpath("//tbody/tr/td[2]/text()")
    assert listed == ["wang_lei"]
    assert people.client("zhao_min").get("/accounts/?show=else").status_code == 404


@pytest.mark.parametrize("who", ["chen_jing", "guo_tao", "zhao_min", "wang_lei"])
def test_other_homes_need_as_many_statements_for_one_subject_as_for_578(people: People, who: str) -> None:
    treated(people, 50)
    browser = people.client(who)
    browser.get(reverse("home"))
    with CaptureQueriesContext(connection) as few:
        browser.get(reverse("home"))
    _copies(578)
    with CaptureQueriesContext(connection) as many:
        browser.get(reverse("home"))
    assert len(few) == len(many) <= MOST_STATEMENTS + 6
