"""The questions put to the policy: who may do what, and where."""

import dataclasses

import pytest
from django.core.exceptions import PermissionDenied

from audit.actors import Actor
from sites.access import NOBODY, can, require, visible_sites
from sites.roles import AT_A_SITE, LABELS, POLICY, Action, Role, Scope


def actor(role: str, site: str | None = None) -> Actor:
    return Actor(user_id="x", name="X", role=role, site=site)


@pytest.mark.urs("ACL-01")
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("action", list(Action))
def test_what_the_policy_does_not_name_is_refused(role: Role, action: Action) -> None:
    scope = POLICY[role].get(action)
    at_07 = actor(role, "07")
    assert can(at_07, action) == (scope is not None)
    assert can(at_07, action, "07") == (scope is not None)
    assert not can(at_07, action, "02")
    everywhere = actor(role)
    assert can(everywhere, action, "02") == (scope is Scope.ALL_SITES)
    assert visible_sites(at_07, action) == ({"07"} if scope else set())
    assert visible_sites(everywhere, action) == (None if scope is Scope.ALL_SITES else set())
    if scope is None:
        with pytest.raises(PermissionDenied):
            require(at_07, action)


@pytest.mark.urs("ACL-01")
@pytest.mark.parametrize("by", [NOBODY, actor("SUPERUSER"), actor(""), actor("coordinator", "07")])
def test_a_role_that_is_none_may_do_nothing(by: Actor) -> None:
    assert not any(can(by, action) for action in Action)
    assert all(visible_sites(by, action) == set() for action in Action)


def test_the_system_may_do_what_it_is_asked_to() -> None:
    assert all(can(Actor.system("test"), action, "07") for action in Action)
    named = dataclasses.replace(Actor.system("test"), role="ADMINISTRATOR")
    assert not can(named, Action.PAGE_SAVE)


def test_every_role_has_words_and_a_policy() -> None:
    assert set(POLICY) == set(LABELS) == set(Role)
    assert all(label.en and label.zh for label in LABELS.values())
    assert AT_A_SITE == {role for role in Role if Scope.OWN_SITE in POLICY[role].values()}


def test_every_action_is_somebodys() -> None:
    assert {action for actions in POLICY.values() for action in actions} == set(Action)
