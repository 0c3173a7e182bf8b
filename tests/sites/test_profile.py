"""One's own profile: everybody sets their own, and nobody another's."""

import pytest
from django.core.exceptions import PermissionDenied

from audit.models import Entry
from sites import accounts
from tests.people import NAMED, People, build_people

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return build_people()


@pytest.mark.parametrize("name", NAMED)
def test_every_role_has_a_profile(people: People, name: str) -> None:
    client = people.client(name)
    assert client.get("/profile/").status_code == 200
    assert client.post("/profile/", {"language": "zh-hans"}).status_code == 302
    user = people.users[name]
    user.refresh_from_db()
    assert (user.language, user.single_keys) == ("zh-hans", False)
    assert 'data-keys="off"' in client.get("/profile/").content.decode()


def test_letter_keys_are_on_until_somebody_turns_them_off(people: People) -> None:
    client = people.client("li_na")
    assert 'data-keys="on"' in client.get("/").content.decode()
    client.post("/profile/", {"language": "en"})
    assert 'data-keys="off"' in client.get("/").content.decode()
    changed = Entry.objects.filter(table_name="sites_user").latest("at")
    assert changed.actor_id == str(people.users["li_na"].pk)


def test_nobody_sets_the_profile_of_another(people: People) -> None:
    with pytest.raises(PermissionDenied):
        accounts.choose_for_oneself(user=people.users["li_na"], by=people.zhao_min, single_keys=False)
    with pytest.raises(ValueError, match="is_active"):
        accounts.choose_for_oneself(user=people.users["li_na"], by=people.li_na, is_active=False)


def test_a_language_that_there_is_not_is_refused(people: People) -> None:
    answer = people.client("li_na").post("/profile/", {"language": "xx", "single_keys": "on"})
    assert answer.status_code == 422
