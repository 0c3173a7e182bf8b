"""Reminders by mail: as chosen, once a day, numbers and a link and nothing of a subject."""

from datetime import date

import pytest
from django.core import mail
from django.urls import reverse

from audit import clock
from audit.actors import Actor
from audit.jobs import Progress
from sites import accounts
from sites.calendars import KINDS, Reminder
from sites.models import User
from subjects.models import Subject
from tests.enrolled import treated
from tests.people import People, build_people
from visits.calendar.reminders import chosen_today, remind_all
from visits.jobs import reminders_day
from visits.overview.matrix import matrix, waiting

pytestmark = pytest.mark.django_db
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


@pytest.fixture
def people() -> People:
    return build_people()


@pytest.fixture
def late(people: People) -> Subject:
    """A subject whose first follow-up is overdue."""
    return treated(people, 50)


def wish(people: People, who: str, **choices: str) -> User:
    """Give a person an address, and choose in the profile as that person does."""
    by = people.zhao_min
    accounts.change_user(user=people.users[who], by=by, email=f"{who}@example.org")
    sent = people.client(who).post(
        reverse("profile"),
        {"language": "en", "single_keys": "on", **{f"remind_{k}": v for k, v in choices.items()}},
    )
    assert sent.status_code == 302
    return User.objects.get(pk=people.users[who].pk)


def test_a_choice_is_kept_and_none_is_the_default(people: People) -> None:
    assert people.users["li_na"].reminders == {}
    assert wish(people, "li_na", overdue="daily", sae="none").reminders == {"overdue": "daily"}
    html = people.client("li_na").get(reverse("profile")).content.decode()
    assert all(f"remind_{kind}" in html for kind in KINDS)
    assert people.client("li_na").post(reverse("profile"), {"remind_sae": "hourly"}).status_code == 422


@pytest.mark.parametrize(
    ("often", "day", "due"),
    [
        ("daily", TUESDAY, True),
        ("weekly", TUESDAY, False),
        ("weekly", MONDAY, True),
        ("none", MONDAY, False),
    ],
)
def test_daily_and_weekly_are_as_they_say(often: str, day: date, due: bool) -> None:
    assert bool(chosen_today({"overdue": often}, day)) is due


@pytest.mark.urs("PRI-07")
def test_a_mail_holds_numbers_and_a_link_and_goes_once_a_day(people: People, late: Subject) -> None:
    wish(people, "li_na", overdue="daily", closing="daily")
    wish(people, "ma_lin", overdue="daily")
    progress = Progress(by=Actor.system("reminders"))
    assert reminders_day(progress) == {"sent": 1}
    assert reminders_day(progress) == {"sent": 0}
    [message] = mail.outbox
    assert message.to == ["li_na@example.org"]
    counts = Reminder.objects.get().counts
    assert counts == {kind: len(list(waiting(matrix(people.li_na), kind))) for kind in ("closing", "overdue")}
    assert f"{counts['overdue']} visits are overdue." in message.body and reverse("home") in message.body
    sent = f"{message.subject} {message.body}"
    assert (
        late.usubjid not in sent and late.usubjid.rpartition("-")[0] not in sent and str(late.pk) not in sent
    )
    assert not any(word in sent for word in ("DCB", "DES", "M1", "07-"))


def test_each_reads_it_in_the_own_language(people: People, late: Subject) -> None:
    user = wish(people, "li_na", overdue="daily")
    accounts.change_user(user=user, by=people.zhao_min, language="zh-hans")
    assert remind_all() == 1
    assert mail.outbox[0].to == ["li_na@example.org"]


def test_nothing_waits_nothing_is_sent_and_who_left_gets_nothing(people: People, late: Subject) -> None:
    wish(people, "ma_lin", overdue="daily", queries="daily", sae="daily")
    user = wish(people, "li_na", overdue="daily")
    accounts.change_user(user=user, by=people.zhao_min, is_active=False)
    assert remind_all() == 0
    assert mail.outbox == []


@pytest.mark.fault(12)
def test_a_mail_that_fails_is_not_counted_as_sent(
    people: People, late: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    wish(people, "li_na", overdue="daily")

    def broken(_self: object) -> None:
        raise OSError("no mail server")

    with monkeypatch.context() as patched:
        patched.setattr("visits.calendar.reminders.EmailMessage.send", broken)
        with pytest.raises(OSError, match="no mail server"):
            remind_all()
    assert not Reminder.objects.exists()
    assert remind_all(clock.today()) == 1
