"""Accounts and roles: one person one account, roles that go together, nobody promotes themselves."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import clock
from audit.context import acting
from audit.models import Entry
from sites import accounts
from sites.models import Membership, User, canonical_username
from sites.roles import AT_A_SITE, WHOLE_STUDY, Role
from tests.people import FIRST, LAST, OPEN, People, build_people

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return build_people()


@pytest.mark.urs("ACC-01")
@pytest.mark.parametrize("again", ["ZhangWei", "zhangwei", "ｚｈａｎｇｗｅｉ", " zhangwei ", "ZHANGWEI"])
def test_a_name_is_given_once_whatever_its_case_and_width(people: People, again: str) -> None:
    accounts.add_user(by=people.zhao_min, username="ZhangWei", full_name="Zhang Wei")
    with pytest.raises(ValidationError) as refused:
        accounts.add_user(by=people.zhao_min, username=again, full_name="Another")
    assert "username" in refused.value.error_dict


@pytest.mark.urs("ACC-01")
def test_a_closed_account_keeps_its_name_even_from_raw_writes(people: People) -> None:
    accounts.change_user(user=people.users["li_na"], is_active=False, by=people.zhao_min)
    with pytest.raises(ValidationError):
        accounts.add_user(by=people.zhao_min, username="LI_NA", full_name="Another")
    with pytest.raises(IntegrityError), acting(by=FIRST), transaction.atomic():
        User(username="LI_NA", full_name="Another", password="x").save(force_insert=True)


@given(name=st.text(min_size=1, max_size=30))
@settings(max_examples=200, deadline=None)
def test_the_one_form_of_a_name_is_stable(name: str) -> None:
    once = canonical_username(name)
    assert canonical_username(once) == once


@pytest.mark.urs("ACC-02")
@pytest.mark.parametrize("weak", ["short-one", "password12345", "li.na.li.na.li", "qwerty123456"])
def test_weak_passwords_are_refused(people: People, weak: str) -> None:
    with pytest.raises(ValidationError) as refused:
        accounts.add_user(by=people.zhao_min, username="li.na.li.na", full_name="Li Na", password=weak)
    assert "password" in refused.value.error_dict
    assert not User.objects.filter(username="li.na.li.na").exists()


@pytest.mark.urs("ACC-02")
@pytest.mark.parametrize("good", ["血管外科的长密码短语一二三四", "x" * 40 + " with spaces " + "y" * 40])
def test_long_passwords_in_any_script_are_kept_whole(people: People, good: str) -> None:
    user = accounts.add_user(by=people.zhao_min, username="long", full_name="Long", password=good)
    assert user.check_password(good) and not user.check_password(good[:-1])


def test_a_role_is_held_where_it_belongs(people: People) -> None:
    user = accounts.add_user(by=FIRST, username="new", full_name="New")
    wrong = [(role, None) for role in AT_A_SITE] + [(role, people.sites["07"]) for role in WHOLE_STUDY]
    for role, site in wrong:
        with pytest.raises(ValidationError):
            accounts.grant_membership(
                user=user, role=role, site=site, from_date=OPEN, to_date=LAST, by=people.zhao_min
            )
    assert not user.memberships.exists()


@pytest.mark.urs("ACL-11")
def test_an_inspectors_role_has_an_end(people: People) -> None:
    user = accounts.add_user(by=FIRST, username="new", full_name="New")
    with pytest.raises(ValidationError):
        accounts.grant_membership(
            user=user, role=Role.INSPECTOR, site=None, from_date=OPEN, by=people.zhao_min
        )


@pytest.mark.urs("ACL-07")
@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        (Role.COORDINATOR, Role.INVESTIGATOR, True),
        (Role.MONITOR, Role.DATA_MANAGER, True),
        (Role.COORDINATOR, Role.MONITOR, False),
        (Role.INVESTIGATOR, Role.CEC, False),
        (Role.DATA_MANAGER, Role.STATISTICIAN, False),
        (Role.ADMINISTRATOR, Role.DATA_MANAGER, False),
        (Role.ADMINISTRATOR, Role.COORDINATOR, False),
        (Role.CEC, Role.CORE_LAB, False),
        (Role.DMC, Role.STATISTICIAN, False),
    ],
)
def test_roles_that_check_each_other_are_not_held_together(
    people: People, first: Role, second: Role, together: bool
) -> None:
    user = accounts.add_user(by=FIRST, username="new", full_name="New")

    def grant(role: Role, since: date, until: date | None = None) -> Membership:
        site = people.sites["07"] if role in AT_A_SITE else None
        return accounts.grant_membership(
            user=user, role=role, site=site, from_date=since, to_date=until, by=people.zhao_min
        )

    held = grant(first, OPEN)
    if together:
        grant(second, OPEN)
        return
    with pytest.raises(ValidationError):
        grant(second, OPEN)
    accounts.end_membership(membership=held, on=OPEN + timedelta(days=9), by=people.zhao_min)
    with pytest.raises(ValidationError):
        grant(second, OPEN + timedelta(days=9))
    grant(second, OPEN + timedelta(days=10))


def test_the_same_role_is_not_given_twice_for_a_time(people: People) -> None:
    with pytest.raises(ValidationError):
        accounts.grant_membership(
            user=people.users["li_na"],
            role=Role.COORDINATOR,
            site=people.sites["07"],
            from_date=clock.today(),
            to_date=LAST,
            by=people.zhao_min,
        )


@pytest.mark.urs("ACL-07")
def test_nobody_gives_themselves_a_role_or_closes_their_own_account(people: People) -> None:
    me = people.users["zhao_min"]
    with pytest.raises(ValidationError):
        accounts.grant_membership(
            user=me, role=Role.DATA_MANAGER, site=None, from_date=OPEN, by=people.zhao_min
        )
    with pytest.raises(ValidationError):
        accounts.change_user(user=me, is_active=False, by=people.zhao_min)


@pytest.mark.urs("ACL-07")
def test_only_the_administrator_keeps_accounts(people: People) -> None:
    user = people.users["ma_lin"]
    held = user.memberships.get()
    for by in (actor for actor in people.actors.values() if actor.role != Role.ADMINISTRATOR):
        with pytest.raises(PermissionDenied):
            accounts.add_user(by=by, username="new", full_name="New")
        with pytest.raises(PermissionDenied):
            accounts.change_user(user=user, full_name="X", by=by)
        if by.user_id != str(user.pk):
            with pytest.raises(PermissionDenied):
                accounts.set_password(user=user, password="a-very-long-secret-1", by=by)
            with pytest.raises(PermissionDenied):
                accounts.grant_membership(user=user, role=Role.MONITOR, site=None, from_date=OPEN, by=by)
        with pytest.raises(PermissionDenied):
            accounts.end_membership(membership=held, on=OPEN, by=by)


@pytest.mark.urs("ACL-10")
def test_only_named_facts_of_an_account_can_be_changed(people: People) -> None:
    for name in ("username", "password", "id", "canonical", "must_change_password"):
        with pytest.raises(ValueError, match=name):
            accounts.change_user(user=people.users["li_na"], by=people.zhao_min, **{name: "x"})


@pytest.mark.urs("AUD-01", "AUD-12")
def test_accounts_and_roles_stand_in_the_trail_under_the_administrators_name(people: People) -> None:
    user = accounts.add_user(by=people.zhao_min, username="new", full_name="New", email="a@example.org")
    accounts.grant_membership(
        user=user, role=Role.COORDINATOR, site=people.sites["07"], from_date=OPEN, by=people.zhao_min
    )
    accounts.record_training(user=user, kind="GCP", on=OPEN, by=people.zhao_min)
    accounts.delegate(
        user=user, site=people.sites["07"], role="CRC", tasks=["CONSENT"], from_date=OPEN, by=people.zhao_min
    )
    found = Entry.objects.filter(actor_id=people.zhao_min.user_id)
    assert {(entry.op, entry.table_name, entry.chain) for entry in found} == {
        ("I", "sites_user", "study"),
        ("I", "sites_membership", "site:07"),
        ("I", "sites_training", "study"),
        ("I", "sites_delegation", "site:07"),
    }
