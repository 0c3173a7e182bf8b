"""Keeping the study's lists: sites, products, consent versions, and the study's own facts.

Each function is one act: it asks the policy, writes under the person's name, and returns what it made.
ValidationError names the field at fault, so that a form can show it there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from audit import jobs
from audit.actors import Actor
from audit.context import acting
from protocol.thresholds import Thresholds
from sites.access import require
from sites.models import ConsentVersion, DeviceProduct, Site, Study
from sites.roles import Action

LEAD_SITE = "01"
ETHICS = frozenset({"ethics_no", "ethics_date", "ethics_document"})


def add_site(*, by: Actor, code: str, **facts: Any) -> Site:
    """Add an institution under its number; ValidationError where a value is not one of its kind."""
    require(by, Action.SITE_EDIT)
    site = Site(code=code, **facts)
    _check_site(site, by)
    with acting(by=by):
        site.save(force_insert=True)
    return site


def change_site(*, site: Site, by: Actor, **facts: Any) -> Site:
    """Change what is known of a site; new ethics facts are to be confirmed anew by a monitor (C02)."""
    require(by, Action.SITE_EDIT, site.code)
    with acting(by=by):
        locked = Site.objects.select_for_update().get(pk=site.pk)
        if any(name in facts and facts[name] != getattr(locked, name) for name in ETHICS):
            facts.setdefault("ethics_covers_study", False)
        if facts.get("ethics_covers_study") and not locked.ethics_covers_study:
            require(by, Action.ETHICS_CONFIRM, site.code)
        for name, value in facts.items():
            setattr(locked, name, value)
        _check_site(locked, by)
        locked.save(update_fields=list(facts))
    return locked


def confirm_ethics(*, site: Site, by: Actor) -> Site:
    """Say, as a monitor who has read the document, that the ethics approval covers this study (C02)."""
    require(by, Action.ETHICS_CONFIRM, site.code)
    with acting(by=by):
        locked = Site.objects.select_for_update().get(pk=site.pk)
        if not (locked.ethics_no and locked.ethics_date and locked.ethics_document):
            raise ValidationError(_("The approval's number, date and document must be on file first."))
        locked.ethics_covers_study = True
        locked.save(update_fields=["ethics_covers_study"])
    return locked


def _check_site(site: Site, by: Actor) -> None:
    site.full_clean(validate_unique=site._state.adding)
    if not (len(site.code) == 2 and site.code.isascii() and site.code.isdigit()):
        raise ValidationError({"code": _("A site has a number of two digits.")})
    if site._state.adding and site.ethics_covers_study:
        require(by, Action.ETHICS_CONFIRM, site.code)
    if site.close_date and site.activation_date and site.close_date < site.activation_date:
        raise ValidationError({"close_date": _("The site closes before it was activated.")})
    if site.status != Site.Status.ACTIVE:
        return
    if site.activation_date is None:
        raise ValidationError({"activation_date": _("An active site has a date of activation: give it.")})
    if site.code == LEAD_SITE and not site.ethics_covers_study:
        raise ValidationError(
            {
                "status": _(
                    "The lead site's approval number is older than the study: before the site is active, the"
                    " document must be on file and a monitor must confirm that it covers this study."
                )
            }
        )


def add_consent_version(
    *,
    site: Site,
    version: str,
    approved_from: date,
    by: Actor,
    approved_to: date | None = None,
    reconsent_from: date | None = None,
) -> ConsentVersion:
    """Record that a site's ethics committee approved a version of the consent form.

    `reconsent_from`: from this day subjects in the study who signed an older one have to consent again.
    """
    require(by, Action.CONSENT_VERSION_EDIT, site.code)
    if approved_to is not None and approved_to < approved_from:
        raise ValidationError({"approved_to": _("The last day is before the first.")})
    _check_reconsent(approved_from, reconsent_from)
    made = ConsentVersion(
        site=site,
        version=version.strip(),
        approved_from=approved_from,
        approved_to=approved_to,
        reconsent_from=reconsent_from,
    )
    made.full_clean()
    with acting(by=by):
        made.save(force_insert=True)
    return made


def ask_reconsent(*, consent_version: ConsentVersion, since: date | None, by: Actor) -> ConsentVersion:
    """Have subjects in the study sign a version again from a day on; None asks it of nobody any more."""
    require(by, Action.CONSENT_VERSION_EDIT, consent_version.site_id)
    _check_reconsent(consent_version.approved_from, since)
    with acting(by=by):
        locked = ConsentVersion.objects.select_for_update().get(pk=consent_version.pk)
        locked.reconsent_from = since
        locked.save(update_fields=["reconsent_from"])
    return locked


def _check_reconsent(approved_from: date, since: date | None) -> None:
    if since is not None and since < approved_from:
        raise ValidationError({"reconsent_from": _("A version cannot be signed before it was approved.")})


def end_consent_version(*, consent_version: ConsentVersion, on: date, by: Actor) -> ConsentVersion:
    """Record the last day on which a version may be signed."""
    require(by, Action.CONSENT_VERSION_EDIT, consent_version.site_id)
    if on < consent_version.approved_from:
        raise ValidationError({"approved_to": _("The last day is before the first.")})
    with acting(by=by):
        locked = ConsentVersion.objects.select_for_update().get(pk=consent_version.pk)
        locked.approved_to = on
        locked.save(update_fields=["approved_to"])
    return locked


def add_device_product(*, by: Actor, code: str, **facts: Any) -> DeviceProduct:
    """Add a product to the device catalogue."""
    require(by, Action.CATALOGUE_EDIT)
    product = DeviceProduct(code=code, **facts)
    _check_product(product)
    with acting(by=by):
        product.save(force_insert=True)
    return product


def change_device_product(*, product: DeviceProduct, by: Actor, **facts: Any) -> DeviceProduct:
    """Change a product of the catalogue; its code stays, since pages refer to it."""
    require(by, Action.CATALOGUE_EDIT)
    with acting(by=by):
        locked = DeviceProduct.objects.select_for_update().get(pk=product.pk)
        for name, value in facts.items():
            setattr(locked, name, value)
        _check_product(locked)
        locked.save(update_fields=list(facts))
    return locked


def _check_product(product: DeviceProduct) -> None:
    product.full_clean(validate_unique=product._state.adding)
    if product.active_from and product.active_to and product.active_to < product.active_from:
        raise ValidationError({"active_to": _("The last day is before the first.")})


def the_study() -> Study:
    """Return the study; unsaved and bare before a record was loaded."""
    return Study.objects.filter(pk=1).first() or Study(pk=1)


def configure_study(*, by: Actor, facts: Mapping[str, Any]) -> Study:
    """Change the study's facts and configuration; the rules of the endpoints must be able to read it.

    Where it moves a limit of theirs, everybody's endpoints are derived anew.
    """
    require(by, Action.STUDY_CONFIGURE)
    with acting(by=by):
        found = Study.objects.select_for_update().filter(pk=1).first()
        study = found or Study(pk=1)
        before = study.config
        for name, value in facts.items():
            setattr(study, name, value)
        try:
            limits = Thresholds.from_config(study.config)
        except (ValueError, ArithmeticError, TypeError, AttributeError) as unreadable:
            raise ValidationError({"config": _("These numbers cannot be read.")}) from unreadable
        study.full_clean(exclude=["config", "record"], validate_unique=False)
        study.save(force_insert=found is None, update_fields=list(facts) if found else None)
        if limits != Thresholds.from_config(before):
            jobs.enqueue("recompute_study", by=by, args={})
    return study
