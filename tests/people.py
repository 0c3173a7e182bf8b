"""Named people, one per role, and the sites they work at; made through the real services.

Li Na coordinates and Zhang Wei investigates at site 07 (Zhongshan Hospital); Ma Lin coordinates at 02, so
that she must see nothing of 07. Wang Lei monitors, Chen Jing manages data, Sun Qing is the statistician,
He Ming adjudicates, Zhou Yan sits on the DMC, Guo Tao inspects, Zhao Min administers.
"""

from dataclasses import dataclass, field
from datetime import date

from django.test import Client

from audit.actors import Actor
from sites import upkeep
from sites.access import actor_for
from sites.models import Site, User
from sites.roles import Role

PASSWORD = "only-for-tests-2026"
FIRST = Actor.system("first administrator", origin="command")
OPEN = date(2025, 1, 1)

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
        client = Client()
        client.force_login(self.users[name], backend="django.contrib.auth.backends.ModelBackend")
        return client


def build_people() -> People:
    """Make sites 02 and 07, active, the statistics centre 11, one product of each kind, and the people."""
    people = People()
    for code, name, role in (
        ("02", "First Affiliated Hospital, Zhejiang University", Site.Role.CLINICAL),
        ("07", "Zhongshan Hospital, Fudan University", Site.Role.CLINICAL),
        ("11", "Biomedical Informatics and Statistics Center", Site.Role.STATISTICS),
    ):
        clinical = role == Site.Role.CLINICAL
        people.sites[code] = upkeep.add_site(
            by=FIRST,
            code=code,
            name_en=name,
            name_zh=f"中心{code}",
            city_en="Shanghai",
            city_zh="上海",
            role=role,
            status=Site.Status.ACTIVE,
            ethics_no=f"2025-{code}" if clinical else "",
            ethics_date=OPEN if clinical else None,
            activation_date=OPEN,
        )
    for name, (english, chinese, role, site) in NAMED.items():
        user = upkeep.add_user(
            by=FIRST, username=name, password=PASSWORD, full_name=english, full_name_zh=chinese
        )
        member = upkeep.grant_membership(
            user=user, role=role, site=people.sites[site] if site else None, from_date=OPEN, by=FIRST
        )
        people.users[name] = user
        people.actors[name] = actor_for(user, member, origin="web")
    for code, kind, drug, density in (
        ("ORCHID", "DCB", "PACLITAXEL", "3.0"),
        ("ZILVER", "DES", "PACLITAXEL", "3.0"),
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
