"""The people, institutions, consent versions and devices of the demo.

Institutions are those of the registry record (sites.institutions); ethics numbers other than the lead site's,
and all persons, are invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

PASSWORD = "defier-demo-2028"  # noqa: S105 printed by load_demo: the demo holds no real person's data


@dataclass(frozen=True, slots=True)
class DemoSite:
    """What the demo invents of an institution; `share` is its share of accrual (0: enrols nobody)."""

    code: str
    share: int
    activation: date
    ethics_no: str

    @property
    def clinical(self) -> bool:
        """Whether the institution enrols."""
        return self.share > 0


SITES: tuple[DemoSite, ...] = (
    DemoSite("01", 91, date(2025, 12, 22), "2020KL-078"),
    DemoSite("02", 66, date(2026, 1, 12), "DEMO-EC-2025-02"),
    DemoSite("03", 38, date(2026, 2, 23), "DEMO-EC-2025-03"),
    DemoSite("04", 41, date(2026, 2, 2), "DEMO-EC-2025-04"),
    DemoSite("05", 49, date(2026, 1, 19), "DEMO-EC-2025-05"),
    DemoSite("06", 44, date(2026, 3, 9), "DEMO-EC-2025-06"),
    DemoSite("07", 58, date(2026, 1, 5), "DEMO-EC-2025-07"),
    DemoSite("08", 47, date(2026, 1, 26), "DEMO-EC-2025-08"),
    DemoSite("09", 35, date(2026, 4, 13), "DEMO-EC-2025-09"),
    DemoSite("10", 53, date(2026, 1, 12), "DEMO-EC-2025-10"),
    DemoSite("11", 0, date(2025, 12, 22), ""),
    DemoSite("12", 56, date(2026, 1, 19), "DEMO-EC-2025-12"),
)
CLINICAL = tuple(site for site in SITES if site.clinical)
SITE = {site.code: site for site in SITES}


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody who logs in; `site` None means the whole study."""

    username: str
    name: str
    name_zh: str
    role: str
    site: str | None = None
    language: str = "en"


def _site_people() -> tuple[DemoPerson, ...]:
    rows = (
        ("01", "liu.fang", "Liu Fang", "刘芳", "zhou.jianguo", "Zhou Jianguo", "周建国"),
        ("02", "chen.jing", "Chen Jing", "陈静", "xu.weimin", "Xu Weimin", "徐伟民"),
        ("03", "yang.yan", "Yang Yan", "杨艳", "hu.zhiqiang", "Hu Zhiqiang", "胡志强"),
        ("04", "zhao.min", "Zhao Min", "赵敏", "sun.haitao", "Sun Haitao", "孙海涛"),
        ("05", "huang.li", "Huang Li", "黄丽", "shen.guoqing", "Shen Guoqing", "沈国庆"),
        ("06", "wu.xia", "Wu Xia", "吴霞", "gu.zhenhua", "Gu Zhenhua", "顾振华"),
        ("07", "li.na", "Li Na", "李娜", "jin.haoran", "Jin Haoran", "金浩然"),
        ("08", "zhou.ting", "Zhou Ting", "周婷", "pan.lichun", "Pan Lichun", "潘立春"),
        ("09", "lin.xue", "Lin Xue", "林雪", "su.jinshan", "Su Jinshan", "苏金山"),
        ("10", "xu.jie", "Xu Jie", "徐洁", "cao.xueming", "Cao Xueming", "曹学明"),
        ("12", "guo.rui", "Guo Rui", "郭蕊", "meng.fanrui", "Meng Fanrui", "孟凡睿"),
    )
    people: list[DemoPerson] = []
    for site, user, name, zh, pi_user, pi_name, pi_zh in rows:
        people.append(DemoPerson(user, name, zh, "COORDINATOR", site))
        people.append(DemoPerson(pi_user, pi_name, pi_zh, "INVESTIGATOR", site))
    return tuple(people)


PEOPLE: tuple[DemoPerson, ...] = (
    *_site_people(),
    DemoPerson("wang.lei", "Wang Lei", "王磊", "MONITOR"),
    DemoPerson("zhang.yu", "Zhang Yu", "张宇", "MONITOR"),
    DemoPerson("tang.wei", "Tang Wei", "唐薇", "DATA_MANAGER"),
    DemoPerson("he.qian", "He Qian", "何倩", "STATISTICIAN"),
    DemoPerson("luo.ming", "Luo Ming", "罗明", "CEC"),
    DemoPerson("song.yi", "Song Yi", "宋怡", "CEC"),
    DemoPerson("deng.tao", "Deng Tao", "邓涛", "CEC"),
    DemoPerson("qian.hong", "Qian Hong", "钱红", "DMC"),
    DemoPerson("jiang.bo", "Jiang Bo", "江波", "INSPECTOR"),
    DemoPerson("feng.kai", "Feng Kai", "冯凯", "ADMINISTRATOR"),
)


def person(role: str, site: str | None = None, number: int = 0) -> DemoPerson:
    """Return the `number`-th person of a role (at a site); raises IndexError when there is none."""
    return [p for p in PEOPLE if p.role == role and p.site == site][number]


def monitors() -> list[DemoPerson]:
    """Return the monitors in order."""
    return [one for one in PEOPLE if one.role == "MONITOR"]


def monitor_of(site: str) -> DemoPerson:
    """Return the monitor who visits this site: even codes one, odd codes the other."""
    return person("MONITOR", number=0 if int(site) % 2 else 1)


@dataclass(frozen=True, slots=True)
class DemoProduct:
    """A device of the catalogue, with the sizes that the demo uses."""

    code: str
    brand: str
    manufacturer: str
    kind: str
    drug: str
    density: Decimal | None
    diameters: tuple[int, ...]
    lengths: tuple[int, ...]
    gtin: str


PRODUCTS: tuple[DemoProduct, ...] = (
    DemoProduct(
        "ORCHID",
        "Orchid",
        "Acotec",
        "DCB",
        "PACLITAXEL",
        Decimal("3.0"),
        (4, 5, 6, 7),
        (40, 60, 80, 120, 150),
        "06912345000017",
    ),
    DemoProduct(
        "INPACT",
        "IN.PACT Admiral",
        "Medtronic",
        "DCB",
        "PACLITAXEL",
        Decimal("3.5"),
        (4, 5, 6, 7),
        (40, 60, 80, 120, 150, 200),
        "06912345000024",
    ),
    DemoProduct(
        "ZILVERPTX",
        "Zilver PTX",
        "Cook Medical",
        "DES",
        "PACLITAXEL",
        Decimal("3.0"),
        (5, 6, 7, 8),
        (40, 60, 80, 100, 120),
        "06912345000031",
    ),
    DemoProduct(
        "ELUVIA",
        "Eluvia",
        "Boston Scientific",
        "DES",
        "PACLITAXEL",
        Decimal("0.167"),
        (6, 7, 8),
        (40, 60, 80, 100, 120, 150),
        "06912345000048",
    ),
    DemoProduct(
        "LIFESTENT",
        "LifeStent",
        "BD",
        "BMS",
        "NONE",
        None,
        (5, 6, 7),
        (40, 60, 80, 100, 120),
        "06912345000055",
    ),
    DemoProduct(
        "EVERFLEX",
        "EverFlex",
        "Medtronic",
        "BMS",
        "NONE",
        None,
        (5, 6, 7, 8),
        (40, 60, 80, 100, 120),
        "06912345000062",
    ),
)
PRODUCT = {product.code: product for product in PRODUCTS}


@dataclass(frozen=True, slots=True)
class DemoConsent:
    """A version of the consent form and the days on which it was in force."""

    version: str
    approved_from: date | None
    """None: from the site's activation."""
    approved_to: date | None


CONSENTS = (
    DemoConsent("V1.0", None, date(2027, 2, 28)),
    DemoConsent("V1.1", date(2027, 3, 1), None),
)


def consent_version(day: date) -> str:
    """Return the version in force on a day."""
    return "V1.0" if day <= date(2027, 2, 28) else "V1.1"
