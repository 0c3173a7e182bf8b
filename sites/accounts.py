"""People's accounts, the roles they hold, what is delegated to them and what they were trained in.

Each function is one act: it asks the policy, writes under the person's name, and returns what it made.
ValidationError names the field at fault, so that a form can show it there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.actors import Actor
from audit.context import acting, take_chains
from protocol import version as protocol
from sites.access import require
from sites.models import Delegation, Membership, Site, Training, User, canonical_username
from sites.passwords import give_password, keep_former
from sites.roles import AT_A_SITE, TOGETHER, WHOLE_STUDY, Action, Role
from sites.way_in import tell_owner

CHANGEABLE = frozenset({"full_name", "full_name_zh", "email", "language", "is_active"})
OWN_CHOICES = frozenset({"language", "single_keys", "reminders"})


def add_user(
    *,
    username: str,
    full_name: str,
    by: Actor,
    password: str | None = None,
    full_name_zh: str = "",
    email: str = "",
    language: str = "en",
    must_change_password: bool = False,
) -> User:
    """Make an account for one person; without a password nobody can sign in by it yet.

    Raises ValidationError where the name is or ever was taken, in any width or case (ACC-01), or the
    password is too weak (ACC-02).
    """
    require(by, Action.ACCOUNT_EDIT)
    username = username.strip()
    if User.objects.filter(canonical=canonical_username(username)).exists():
        raise ValidationError({"username": _("This user name is or was in use: choose another one.")})
    user = User(
        username=username,
        full_name=full_name,
        full_name_zh=full_name_zh,
        email=email,
        language=language,
        must_change_password=must_change_password,
    )
    give_password(user, password)
    user.full_clean()
    with acting(by=by):
        user.save(force_insert=True)
        if email:
            EmailAddress.objects.create(user=user, email=email, primary=True, verified=False)
    return user


def change_user(*, user: User, by: Actor, **facts: Any) -> User:
    """Change a person's names, address or language, or close the account; the user name stays for ever.

    The person is told of a new address (at the old one as well) and of an account that was opened again.
    """
    require(by, Action.ACCOUNT_EDIT)
    _only(facts, CHANGEABLE)
    if facts.get("is_active") is False and str(user.pk) == by.user_id:
        raise ValidationError({"is_active": _("Nobody closes their own account.")})
    with acting(by=by):
        locked = User.objects.select_for_update().get(pk=user.pk)
        before = (locked.email, locked.is_active)
        for name, value in facts.items():
            setattr(locked, name, value)
        locked.full_clean()
        locked.save(update_fields=list(facts))
        if locked.email != before[0] or locked.is_active > before[1]:
            tell_owner(user=locked, by=by)
        if "email" in facts:
            EmailAddress.objects.filter(user=locked).delete()
            if locked.email:
                EmailAddress.objects.create(user=locked, email=locked.email, primary=True, verified=False)
    return locked


def set_password(*, user: User, password: str, by: Actor) -> User:
    """Give a password: one's own is final, somebody else's must be changed at the next sign-in.

    Whose password somebody else gave is told of it.
    """
    own = str(user.pk) == by.user_id
    if not own:
        require(by, Action.ACCOUNT_EDIT)
    with acting(by=by):
        locked = User.objects.select_for_update().get(pk=user.pk)
        keep_former(locked)
        give_password(locked, password)
        locked.must_change_password = not own
        locked.save(update_fields=["password", "password_at", "must_change_password"])
        tell_owner(user=locked, by=by)
    return locked


def choose_language(*, user: User, language: str, by: Actor) -> None:
    """Keep the language in which a person reads; everybody sets their own."""
    if str(user.pk) != by.user_id:
        raise PermissionDenied("Everybody sets their own language")
    with acting(by=by):
        User.objects.filter(pk=user.pk).exclude(language=language).update(language=language)


def choose_for_oneself(*, user: User, by: Actor, **choices: Any) -> User:
    """Keep how a person likes to work (OWN_CHOICES); everybody sets their own."""
    if str(user.pk) != by.user_id:
        raise PermissionDenied("Everybody sets their own profile")
    _only(choices, OWN_CHOICES)
    with acting(by=by):
        locked = User.objects.select_for_update().get(pk=user.pk)
        for name, value in choices.items():
            setattr(locked, name, value)
        locked.full_clean()
        locked.save(update_fields=list(choices))
    return locked


def grant_membership(
    *, user: User, role: Role, site: Site | None, from_date: date, by: Actor, to_date: date | None = None
) -> Membership:
    """Give a person a role, at a site or in the whole study.

    Raises ValidationError where role and site do not fit, the dates are not in order, an inspector's time
    has no end (ACL-11), the person holds a role then that goes with no other (ACL-07), or is oneself.
    """
    require(by, Action.ACCOUNT_EDIT)
    if str(user.pk) == by.user_id:
        raise ValidationError(_("Nobody gives a role to themselves."))
    _check_place(Role(role), site, from_date, to_date)
    with acting(by=by):
        take_chains(sites=[site.code] if site else [], study=site is None)
        User.objects.select_for_update().get(pk=user.pk)
        _check_together(user, Role(role), site, from_date, to_date)
        return Membership.objects.create(
            user=user, role=Role(role).value, site=site, from_date=from_date, to_date=to_date
        )


def _check_place(role: Role, site: Site | None, from_date: date, to_date: date | None) -> None:
    if role in AT_A_SITE and site is None:
        raise ValidationError({"site": _("This role is held at a site: choose one.")})
    if role in WHOLE_STUDY and site is not None:
        raise ValidationError({"site": _("This role is held in the whole study: choose no site.")})
    if to_date is not None and to_date < from_date:
        raise ValidationError({"to_date": _("The last day is before the first.")})
    if role is Role.INSPECTOR and to_date is None:
        raise ValidationError({"to_date": _("An inspector's access has a last day: give it.")})


def _check_together(user: User, role: Role, site: Site | None, from_date: date, to_date: date | None) -> None:
    """Refuse the same role twice at a time, and roles that one person may not hold together."""
    meanwhile = user.memberships.filter(Q(to_date=None) | Q(to_date__gte=from_date))
    if to_date is not None:
        meanwhile = meanwhile.filter(from_date__lte=to_date)
    for held in meanwhile:
        if held.role == role and held.site_id == (site.code if site else None):
            raise ValidationError({"role": _("This person already holds this role in that time.")})
        if held.role != role and not any({held.role, role} <= allowed for allowed in TOGETHER):
            raise ValidationError(
                {"role": _("This role does not go together with one that the person holds.")}
            )


def end_membership(*, membership: Membership, on: date, by: Actor) -> Membership:
    """End a role on a day, which is the last one it holds; it stays in the history."""
    require(by, Action.ACCOUNT_EDIT)
    if on < membership.from_date:
        raise ValidationError({"to_date": _("The last day is before the first.")})
    with acting(by=by):
        locked = Membership.objects.select_for_update().get(pk=membership.pk)
        locked.to_date = on
        locked.save(update_fields=["to_date"])
    return locked


def delegate(
    *,
    user: User,
    site: Site,
    role: str,
    tasks: Sequence[str],
    from_date: date,
    by: Actor,
    to_date: date | None = None,
) -> Delegation:
    """Enter in a site's delegation log what a person may do there, and when."""
    require(by, Action.SITE_EDIT, site.code)
    if to_date is not None and to_date < from_date:
        raise ValidationError({"to_date": _("The last day is before the first.")})
    if not user.memberships.filter(site=site, role__in=AT_A_SITE).exists():
        raise ValidationError({"user": _("This person has no role at the site.")})
    with acting(by=by):
        made = Delegation(
            user=user, site=site, role=role, tasks=list(tasks), from_date=from_date, to_date=to_date
        )
        made.full_clean()
        made.save(force_insert=True)
    return made


def end_delegation(*, delegation: Delegation, on: date, by: Actor) -> Delegation:
    """End a delegation on a day, which is the last one it holds; it stays in the log."""
    require(by, Action.SITE_EDIT, delegation.site_id)
    if on < delegation.from_date:
        raise ValidationError({"to_date": _("The last day is before the first.")})
    with acting(by=by):
        locked = Delegation.objects.select_for_update().get(pk=delegation.pk)
        locked.to_date = on
        locked.save(update_fields=["to_date"])
    return locked


def record_training(
    *, user: User, kind: str, on: date, by: Actor, valid_to: date | None = None, version: str = ""
) -> Training:
    """Record that a person completed a training, and until when it counts.

    A training in the protocol is in one of its versions: the first one where none is named. Raises
    ValidationError for an unknown version, and for a version named beside a training that has none.
    """
    require(by, Action.ACCOUNT_EDIT)
    if valid_to is not None and valid_to < on:
        raise ValidationError({"valid_to": _("The last day is before the first.")})
    if kind == Training.Kind.PROTOCOL:
        version = version or protocol.FIRST
        if version not in protocol.versions():
            raise ValidationError({"version": _("There is no such version of the protocol.")})
    elif version:
        raise ValidationError({"version": _("Only a training in the protocol is in a version of it.")})
    with acting(by=by):
        made = Training(user=user, kind=kind, version=version, on_date=on, valid_to=valid_to)
        made.full_clean()
        made.save(force_insert=True)
    return made


def _only(facts: dict[str, Any], allowed: frozenset[str]) -> None:
    unknown = set(facts) - allowed
    if unknown:
        raise ValueError(f"Not to be changed: {', '.join(sorted(unknown))}")
