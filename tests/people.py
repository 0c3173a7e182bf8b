"""Named people, one per role, and the sites they work at; made through the real services.

Li Na coordinates and Zhang Wei investigates at site 07 (Zhongshan Hospital); Ma Lin coordinates at 02, so
that she must see nothing of 07. Wang Lei monitors, Chen Jing manages data, Sun Qing is the statistician,
He Ming adjudicates, Xu Fang reads images, Zhou Yan sits on the DMC, Guo Tao inspects, Zhao Min administers.
Nobody has a password (hashing one per person would be most of a test): `give_password` gives one.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.test import Client

from audit.actors import Actor
from audit.context import acting
from sites import accounts, upkeep
from sites.access import MEMBERSHIP, actor_for
from sites.institutions import INSTITUTION
from sites.models import Delegation, Membership, Site, Training, User
from sites.roles import Role

PASSWORD = "only-for-tests-2026"
FIRST = Actor.system("first administrator", origin="command")
OPEN = date(2025, 1, 1)
LAST = date(2040, 12, 31)
"""The inspector's last day: that access is never open-ended."""
Task = Delegation.Task
DELEGATED = {
    Role.COORDINATOR: (Delegation.Role.CRC, [Task.ENTRY]),
    Role.INVESTIGATOR: (Delegation.Role.PI, [Task.ELIGIBILITY, Task.ENTRY, Task.SIGNATURE]),
}

NAMED = {
    "li_na": ("Li Na", "李娜", Role.COORDINATOR, "07"),
    "zhang_wei": ("Zhang Wei", "张伟", Role.INVESTIGATOR, "07"),
    "ma_lin": ("Ma Lin", "马琳", Role.COORDINATOR, "02"),
    "wang_lei": ("Wang Lei", "王磊", Role.MONITOR, None),
    "chen_jing": ("Chen Jing", "陈静", Role.DATA_MANAGER, None),
    "sun_qing": ("Sun Qing", "孙青", Role.STATISTICIAN, None),
    "he_ming": ("He Ming", "何明", Role.CEC, None),
    "xu_fang": ("Xu Fang", "徐芳", Role.CORE_LAB, None),
    "zhou_yan": ("Zhou Yan", "周燕", Role.DMC, None),
    "guo_tao": ("Guo Tao", "郭涛", Role.INSPECTOR, None),
    "zhao_min": ("Zhao Min", "赵敏", Role.ADMINISTRATOR, None),
}


@dataclass(slots=True)
class People:
    """The people by name (as actors), their accounts, and the sites."""

    actors: dict[str, Actor] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    sites: dict[str, Site] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Actor:
        try:
            return self.actors[name]
        except KeyError as error:
            raise AttributeError(name) from error

    def client(self, name: str) -> Client:
        """Return a browser in which this person is signed in."""
        return client_for(self.actors[name])


def client_for(actor: Actor) -> Client:
    """Return a browser in which a person is signed in, in the role of this actor."""
    assert actor.user_id is not None
    user = User.objects.get(pk=actor.user_id)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    held = Membership.objects.filter(user=user, role=actor.role, site_id=actor.site).first()
    if held is not None:
        session = client.session
        session[MEMBERSHIP] = str(held.pk)
        session.save()
    return client


def give_password(user: User, password: str = PASSWORD) -> None:
    """Let a person sign in by a password that need not be changed."""
    accounts.set_password(user=user, password=password, by=Actor(str(user.pk), user.full_name, "NONE"))


def build_people() -> People:
    """Make sites 02, 07 and the statistics centre 11 with consent form 2.0, products, and the people."""
    people = People(sites={code: _site(code) for code in ("02", "07", "11")})
    for name, (english, chinese, role, site) in NAMED.items():
        user = accounts.add_user(by=FIRST, username=name, full_name=english, full_name_zh=chinese)
        member = accounts.grant_membership(
            user=user,
            role=role,
            site=people.sites[site] if site else None,
            from_date=OPEN,
            to_date=LAST if role is Role.INSPECTOR else None,
            by=FIRST,
        )
        people.users[name] = user
        people.actors[name] = actor_for(user, member, origin="web")
        make_ready(user, people.sites[site] if site else None, role)
    for code, kind, drug, density in (
        ("ORCHID", "DCB", "PACLITAXEL", Decimal("3.0")),
        ("ZILVER", "DES", "PACLITAXEL", Decimal("3.0")),
        ("EVERFLEX", "BMS", "NONE", None),
    ):
        upkeep.add_device_product(
            by=FIRST,
            code=code,
            brand=code.title(),
            manufacturer="Maker",
            kind=kind,
            drug=drug,
            density_ug_mm2=density,
        )
    return people


def make_ready(user: User, site: Site | None = None, role: Role = Role.COORDINATOR) -> None:
    """Open every gate before a write to a person: identity, trainings, and the delegation at a site."""
    with acting(by=FIRST):
        Training.objects.bulk_create(
            [
                *(Training(user=user, kind=kind, on_date=OPEN) for kind in Training.Kind.values),
                # in the amendment of the tests as well (tests/amendment.py)
                Training(user=user, kind=Training.Kind.PROTOCOL, version="1.1", on_date=OPEN),
            ]
        )
    if site is not None:
        delegated, tasks = DELEGATED[role]
        with acting(by=FIRST):  # a site's chain comes before the study's
            Delegation.objects.create(user=user, site=site, role=delegated, tasks=tasks, from_date=OPEN)


def _site(code: str) -> Site:
    institution = INSTITUTION[code]
    made = upkeep.add_site(
        by=FIRST,
        code=code,
        name_en=institution.name.en,
        name_zh=institution.name.zh,
        city_en=institution.city.en,
        city_zh=institution.city.zh,
        role=Site.Role.CLINICAL if institution.clinical else Site.Role.STATISTICS,
        status=Site.Status.ACTIVE,
        ethics_no=f"2025-{code}" if institution.clinical else "",
        ethics_date=OPEN if institution.clinical else None,
        activation_date=OPEN,
    )
    upkeep.add_consent_version(by=FIRST, site=made, version="2.0", approved_from=OPEN)
    return made
