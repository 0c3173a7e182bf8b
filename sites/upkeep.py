"""Keeping the study's lists: sites, accounts, roles, products, consent versions, configuration.

Each function is one act: it asks the policy, writes under the person's name, and returns what it made.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError

from audit.actors import Actor
from audit.context import acting
from sites.access import require
from sites.models import (
    ConsentVersion,
    DeviceProduct,
    Membership,
    Site,
    Study,
    User,
    canonical_username,
)
from sites.roles import Action, Role


def add_site(*, by: Actor, code: str, **facts: Any) -> Site:
    """Add an institution under its number; ValidationError where a value is not one of its kind."""
    require(by, Action.SITE_EDIT)
    with acting(by=by):
        site = Site(code=code, **facts)
        site.full_clean()
        site.save(force_insert=True)
    return site


def change_site(*, site: Site, by: Actor, **facts: Any) -> Site:
    """Change what is known of a site: ethics number and date, activation, status."""
    require(by, Action.SITE_EDIT)
    with acting(by=by):
        locked = Site.objects.select_for_update().get(pk=site.pk)
        for name, value in facts.items():
            setattr(locked, name, value)
        locked.full_clean()
        locked.save(update_fields=list(facts))
    return locked


def add_user(*, by: Actor, username: str, password: str, full_name: str, **facts: Any) -> User:
    """Make an account for one person; ValidationError where the name is or was taken (ACC-01)."""
    require(by, Action.ACCOUNT_EDIT)
    if User.objects.filter(canonical=canonical_username(username)).exists():
        raise ValidationError({"username": "This user name is or was in use: choose another one."})
    with acting(by=by):
        user = User(username=username.strip(), full_name=full_name, **facts)
        user.set_password(password)
        user.full_clean()
        user.save(force_insert=True)
    return user


def change_user(*, user: User, by: Actor, **facts: Any) -> User:
    """Change a person's name, address, language or whether the account is open."""
    require(by, Action.ACCOUNT_EDIT)
    with acting(by=by):
        for name, value in facts.items():
            setattr(user, name, value)
        user.full_clean()
        user.save(update_fields=list(facts))
    return user


def choose_language(*, user: User, language: str, by: Actor) -> None:
    """Keep the language in which a person reads; everybody sets their own."""
    with acting(by=by):
        User.objects.filter(pk=user.pk).update(language=language)


def grant_membership(
    *, user: User, role: Role, site: Site | None, from_date: date, by: Actor, to_date: date | None = None
) -> Membership:
    """Give a person a role, at a site or in the whole study; ValidationError where the two do not fit."""
    require(by, Action.ACCOUNT_EDIT)
    if role in (Role.COORDINATOR, Role.INVESTIGATOR) and site is None:
        raise ValidationError({"site": "This role is held at a site: choose one."})
    if by.user_id is not None and by.user_id == str(user.pk):
        raise ValidationError("Nobody gives a role to themselves.")
    with acting(by=by):
        return Membership.objects.create(
            user=user, role=role, site=site, from_date=from_date, to_date=to_date
        )


def end_membership(*, membership: Membership, on: date, by: Actor) -> Membership:
    """End a role on a day; it stays in the history."""
    require(by, Action.ACCOUNT_EDIT)
    with acting(by=by):
        membership.to_date = on
        membership.save(update_fields=["to_date"])
    return membership


def add_consent_version(
    *, site: Site, version: str, approved_from: date, by: Actor, **facts: Any
) -> ConsentVersion:
    """Record that a site's ethics committee approved a version of the consent form."""
    require(by, Action.CONSENT_VERSION_EDIT)
    with acting(by=by):
        made = ConsentVersion(site=site, version=version, approved_from=approved_from, **facts)
        made.full_clean()
        made.save(force_insert=True)
    return made


def add_device_product(*, by: Actor, code: str, **facts: Any) -> DeviceProduct:
    """Add a product to the device catalogue."""
    require(by, Action.CATALOGUE_EDIT)
    with acting(by=by):
        product = DeviceProduct(code=code, **facts)
        product.full_clean()
        product.save(force_insert=True)
    return product


def change_device_product(*, product: DeviceProduct, by: Actor, **facts: Any) -> DeviceProduct:
    """Change a product of the catalogue."""
    require(by, Action.CATALOGUE_EDIT)
    with acting(by=by):
        for name, value in facts.items():
            setattr(product, name, value)
        product.full_clean()
        product.save(update_fields=list(facts))
    return product


def the_study() -> Study:
    """Return the study; unsaved and bare before a record was loaded."""
    return Study.objects.filter(pk=1).first() or Study(pk=1)


def configure_study(*, by: Actor, facts: Mapping[str, Any]) -> Study:
    """Change the study's facts and configuration."""
    require(by, Action.STUDY_CONFIGURE)
    with acting(by=by):
        study = Study.objects.select_for_update().filter(pk=1).first() or Study(pk=1)
        for name, value in facts.items():
            setattr(study, name, value)
        study.full_clean(validate_unique=False)
        study.save()
    return study
