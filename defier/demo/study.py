"""The demo's study before its first subject: clock, institutions, consent versions, devices and people."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date, timedelta
from decimal import Decimal

from django.contrib.auth.hashers import make_password
from django.db import connections

from audit import clock
from audit.actors import Actor
from audit.context import acting, take_chains
from defier.demo import catalogue, timeline
from defier.demo.acts import Person
from outcomes.critical import critical_items
from sites import accounts, upkeep
from sites.access import actor_for
from sites.institutions import INSTITUTION
from sites.models import Membership, Site, Training, User
from sites.roles import Role
from subjects.models import Subject
from visits.review.sdv import plan as plans
from visits.review.signing.acts import Proven, declare

LOADER = Actor.system("load_demo", origin="command")
INSPECTION_ENDS = date(2030, 12, 31)
DELEGATED: dict[str, tuple[str, tuple[str, ...]]] = {
    Role.INVESTIGATOR: ("PI", ("CONSENT", "ELIGIBILITY", "PROCEDURE", "ENTRY", "SIGNATURE")),
    Role.COORDINATOR: ("CRC", ("ENTRY",)),
}
OPENED = timeline.moment(date(2025, 12, 1), 9.0)
"""When the demo's study was set up."""


STUDY = {
    "nct_id": "NCT07277218",
    "nct_id_in_summary": "NCT04675632",
    "org_study_id": "CZY FY XGWK2",
    "brief_title": "Drug-coated Balloons Versus Drug-eluting Stents for the Treatment of Femoropopliteal"
    " In-Stent Restenosis: A Prospective, Multicenter, Cohort Study",
    "official_title": "Drug-coated Balloons Versus Drug-eluting Stents for the Treatment of Femoropopliteal"
    " In-Stent Restenosis: A Prospective, Multicenter, Cohort Study (The Defier Study)",
    "title_zh": "药物涂层球囊与药物洗脱支架治疗股腘动脉支架内再狭窄的前瞻性、多中心队列研究(Defier 研究)",
    "sponsor": "Chunshui He",
    "organisation": "Chengdu University of Traditional Chinese Medicine",
    "ethics_committee": "Medical Ethics Committee of the Affiliated Hospital of Chengdu University of TCM",
    "study_type": "INTERVENTIONAL",
    "target_n": timeline.SUBJECTS,
    "planned_start": "2026-01-01",
    "planned_primary_completion": "2028-01-01",
    "planned_completion": "2028-01-01",
    "config": {
        "psvr_threshold": "2.40",
        "tlr_margin_mm": 30,
        "abi_drop_abs": "0.15",
        "abi_drop_rel": "0.20",
        "male_def": "A",
        "ctcae_version": "5.0",
    },
}


class NotADemo(Exception):
    """The database belongs to a real study: the demo is not loaded into it."""


def prepare() -> None:
    """Make an empty database the demo's, and do nothing to one that already is; NotADemo for any other."""
    if clock.simulated() is None:
        if Subject.objects.exists() or User.objects.exists():
            raise NotADemo("This database holds people or subjects under the real clock.")
        clock.simulate(timeline.NOW, using="owner" if "owner" in connections.settings else "default")
    if Membership.objects.count() == len(catalogue.PEOPLE):
        return
    # One transaction, so that a killed start leaves nothing behind; every chain is taken first, in order.
    with _opening():
        take_chains(sites=[site.code for site in catalogue.SITES], study=True)
        upkeep.configure_study(by=LOADER, facts=STUDY)
        _institutions()
        _devices()
        _people()
        _plan()


def people() -> dict[Person, Actor]:
    """Return who acts in the demo, by role, site and number."""
    known = {user.username: user for user in User.objects.all()}
    found: dict[Person, Actor] = {}
    for one in catalogue.PEOPLE:
        same = [p for p in catalogue.PEOPLE if (p.role, p.site) == (one.role, one.site)]
        user = known[one.username]
        found[Person(one.role, one.site, same.index(one))] = Actor(
            user_id=str(user.pk), name=user.full_name, role=one.role, site=one.site, origin="import"
        )
    return found


def _opening() -> AbstractContextManager[None]:
    """Act at the time when the study was set up."""
    return acting(by=LOADER, at=OPENED)


def _institutions() -> None:
    for site in catalogue.SITES:
        named = INSTITUTION[site.code]
        made = upkeep.add_site(
            by=LOADER,
            code=site.code,
            name_en=named.name.en,
            name_zh=named.name.zh,
            city_en=named.city.en,
            city_zh=named.city.zh,
            role=Site.Role.CLINICAL if named.clinical else Site.Role.STATISTICS,
            status=Site.Status.ACTIVE,
            ethics_no=site.ethics_no,
            ethics_date=site.activation - timedelta(days=40) if named.clinical else None,
            ethics_document=named.clinical,
            ethics_covers_study=named.clinical,
            activation_date=site.activation,
            planned_n=site.share or None,
        )
        for version in catalogue.CONSENTS if named.clinical else ():
            upkeep.add_consent_version(
                by=LOADER,
                site=made,
                version=version.version,
                approved_from=version.approved_from or site.activation,
                approved_to=version.approved_to,
            )


def _devices() -> None:
    for product in catalogue.PRODUCTS:
        upkeep.add_device_product(
            by=LOADER,
            code=product.code,
            brand=product.brand,
            manufacturer=product.manufacturer,
            kind=product.kind,
            drug=product.drug,
            density_ug_mm2=product.density,
            diameters_mm=[Decimal(size) for size in product.diameters],
            lengths_mm=list(product.lengths),
            site_codes=[site.code for site in catalogue.CLINICAL],
            active_from=OPENED.date(),
        )


def _people() -> None:
    for one in catalogue.PEOPLE:
        user = accounts.add_user(
            by=LOADER,
            username=one.username,
            full_name=one.name,
            full_name_zh=one.name_zh,
            language=one.language,
        )
        site = Site.objects.get(pk=one.site) if one.site else None
        since = catalogue.SITE[one.site].activation if one.site else OPENED.date()
        last = INSPECTION_ENDS if one.role == Role.INSPECTOR else None
        accounts.grant_membership(
            user=user, role=Role(one.role), site=site, from_date=since, to_date=last, by=LOADER
        )
        if site is not None:
            role, tasks = DELEGATED[one.role]
            accounts.delegate(user=user, site=site, role=role, tasks=tasks, from_date=since, by=LOADER)
        for kind in Training.Kind.values:
            accounts.record_training(user=user, kind=kind, on=since - timedelta(days=9), by=LOADER)
        if one.role == Role.INVESTIGATOR:
            signer = actor_for(user, user.memberships.get())
            with acting(by=signer, at=timeline.moment(since, 10.0)):
                declare(by=signer, proven=Proven(str(user.pk)))
    # One hash for all: the password is printed, and thirty slow hashes would delay the first start.
    User.objects.update(password=make_password(catalogue.PASSWORD))


def _plan() -> None:
    """Put the default plan of verification into force, with the critical items that the code derives."""
    plans.make_plan(by=LOADER, reason="First plan", critical=critical_items(), seed="defier-2028")
