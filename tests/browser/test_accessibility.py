"""Every page as every role in both languages: axe-core, no sideways scrolling, no error in the browser."""

import uuid
from functools import cache
from typing import Any

import pytest
from playwright.sync_api import Page

from defier.addresses import ROOT
from outcomes.models import Snapshot
from outcomes.recomputation import recompute
from subjects.models import Subject
from tests.browser import course
from tests.browser.hands import picture, until
from tests.browser.house import PHONE, WIDE, House
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages, screen_subject
from visits.models import Page as Crf
from visits.models import Query
from visits.review.locking import lock
from visits.review.queries import raise_query

pytestmark = [pytest.mark.browser, pytest.mark.slow]

GRAVE = ("serious", "critical")
CRF = ("SCR/IC", "SCR/IE", "SCR/PS", "PROC/DCB", "M12/FU", "M12/DUS", "LOG/REV", "LOG/AE")
PAGES: dict[str, tuple[str, ...]] = {
    "li_na": (
        "/",
        "/subjects/",
        "/subjects/add/",
        "/subjects/{subject}/",
        *(f"/subjects/{{subject}}/{page}/" for page in CRF),
        "/subjects/{subject}/pdf/",
        "/queries/",
        "/queries/{query}/",
        "/outcomes/",
        "/outcomes/{subject}/CDTLR24/",
        "/sites/",
    ),
    "zhang_wei": ("/", "/subjects/{subject}/SCR/IE/"),
    "wang_lei": ("/", "/subjects/", "/subjects/{subject}/M12/FU/", "/queries/", "/queries/{query}/"),
    "chen_jing": (
        "/",
        "/checks/",
        "/checks/?show=asking",
        "/queries/?show=every&check=EC-011",
        "/locks/",
        "/snapshots/",
        "/snapshots/{snapshot}/",
        "/sites/07/",
        "/devices/",
        "/consents/",
        "/study/",
        "/outcomes/",
    ),
    "sun_qing": ("/", "/snapshots/", "/snapshots/{snapshot}/", "/outcomes/", "/outcomes/{subject}/PPAT/"),
    "he_ming": ("/", "/outcomes/"),
    "zhou_yan": ("/", "/outcomes/"),
    "guo_tao": ("/", "/subjects/{subject}/LOG/REV/", "/locks/", "/snapshots/"),
    "zhao_min": ("/", "/sites/", "/sites/07/", "/accounts/", "/devices/", "/consents/"),
}


@cache
def axe() -> str:
    """Return the source of axe-core."""
    return (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def treated(house: House) -> Subject:
    """Make a treated subject with visits up to 12 months, its endpoints computed."""
    people = house.people
    consent = {**course.CONSENT, "screening_date": course.on(-3), "consent_dt": course.at(-3, 9)}
    entry = PageEntry(subject_id=uuid.uuid4(), form="IC", values=consent)
    subject, _saved = screen_subject(site=people.sites["07"], entry=entry, by=people.li_na)
    limb = {**course.LIMB_HISTORY, "symptom_onset": f"{course.on(-120):%Y-%m}"}
    plan = {"planned_cohort": "DCB", "plan_reason": "Short lesion"}
    pages = [
        PageEntry(subject_id=subject.pk, form=form, visit="SCR", values=values)
        for form, values in {**course.screening(), "LH": limb}.items()
    ]
    pages.append(PageEntry(subject_id=subject.pk, form="PR", visit="PROC", values=plan))
    visits = course.visited(subject.pk, "M1", "M6", "M12")
    for entries in (pages, course.treated(subject.pk), course.discharged(subject.pk), *visits):
        save_pages(entries, by=people.li_na)
    recompute([subject.pk])
    return subject


@pytest.fixture(scope="module")
def places(house: House) -> dict[str, str]:
    """What the addresses are made of: a subject, a query on it, and the snapshot of another one's lock."""
    people = house.people
    subject, locked = treated(house), treated(house)
    page = Crf.objects.get(subject=subject, form="FU", visit__code="M12")
    raise_query(page=page, items=["fu_date"], text="Is this the day of the visit?", by=people.wang_lei)
    lock(level="subject", subject=locked, by=people.chen_jing, reason="Interim analysis", interim=True)
    until(Snapshot.objects.exists, "the snapshot")
    return {
        "subject": str(subject.pk),
        "query": str(Query.objects.get(page=page, origin="MANUAL").pk),
        "snapshot": str(Snapshot.objects.get().pk),
    }


def findings(page: Page) -> list[str]:
    """Return what axe finds serious or critical, and what else makes a page hard to read."""
    page.evaluate(axe())
    ran: dict[str, Any] = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    found = [
        f"{broken['id']} x{len(broken['nodes'])}: {broken['nodes'][0]['html'][:200]}"
        for broken in ran["violations"]
        if broken["impact"] in GRAVE
    ]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append("the page scrolls sideways")
    if page.locator("h1").count() != 1:
        found.append("not exactly one heading of the first level")
    return found


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("name", PAGES)
def test_pages_can_be_read_by_everybody(
    house: House, places: dict[str, str], name: str, language: str
) -> None:
    page = house.sign_in(name, language=language)
    broken = []
    for pattern in PAGES[name]:
        answer = page.goto(pattern.format(**places))
        if answer is None or answer.status != 200:
            broken.append(f"{pattern}: {answer and answer.status}")
            continue
        label = pattern.strip("/").replace("{", "").replace("}", "").replace("/", "-") or "home"
        for size in (WIDE, PHONE):
            page.set_viewport_size(size)
            picture(page, f"{name}-{label}-{language[:2]}-{size['width']}")
            broken += [f"{pattern} {size['width']}: {finding}" for finding in findings(page)]
    page.context.close()
    assert not broken, "\n".join(broken)
    assert not house.complaints, "\n".join(house.complaints)


def test_signing_in_can_be_read_by_everybody(house: House) -> None:
    for language in ("en", "zh-hans"):
        page = house.nobody(language=language)
        page.goto("/login/")
        assert findings(page) == []
        page.locator("#id_login").fill("li_na")
        page.locator("#id_password").fill("wrong")
        page.locator("main button").click()
        page.locator(".banner.danger").wait_for()
        page.set_viewport_size(PHONE)
        picture(page, f"login-{language[:2]}-360")
        assert findings(page) == []
        page.context.close()
    assert not house.complaints
