"""What a check is given: one subject's dossier, the time, and facts of the study, read when asked for.

Nothing but the dossier is there at first. A fact costs its one statement when a check that runs wants it, so
that a save which moves no such operand pays nothing (design §5).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, Protocol

from django.db import connection

from audit import clock
from audit.context import current_actor
from audit.sight import seeing
from sites.models import ConsentVersion, Delegation, DeviceProduct, Membership, Site
from sites.reconsent import ConsentAsked
from subjects.models import Subject
from subjects.status import Status
from visits.checks.check import Finding, Operand
from visits.checks.writing import Writing, writings_of
from visits.coding.dictionaries import folded
from visits.coding.records import Dictionary, Term
from visits.crfs import FORMS
from visits.dossier import Dossier, PageRecord
from visits.facts import subject_facts
from visits.reconsent import asked_of

Also = str | tuple[PageRecord | None, str]


class Facts(Protocol):
    """Facts from outside a subject's dossier."""

    @property
    def site(self) -> Site: ...
    @property
    def products(self) -> Mapping[str, DeviceProduct]: ...
    @property
    def consents(self) -> list[ConsentVersion]: ...
    @property
    def delegations(self) -> list[Delegation]: ...
    @property
    def memberships(self) -> list[Membership]: ...
    @property
    def others_enrolled(self) -> int: ...
    @property
    def reconsent(self) -> ConsentAsked | None: ...
    def drugs_not_found(self, names: Iterable[str]) -> frozenset[str]: ...
    def status_of(self, subject: str) -> Status | None: ...
    def writings(self, pages: Iterable[uuid.UUID]) -> list[Writing]: ...
    def look_alikes(
        self, *, sex: str, birth_ym: str, target_limb: str, implant_dates: list[str], rescreen_of: str
    ) -> list[str]: ...


class StoredFacts:
    """Facts as the database has them, each read once and only when asked for.

    What lies at other sites (the one that enrolled, other subjects) is read whatever the person saving sees:
    a check finds the same at whoever's hands, and says of other sites only what its reader may know.
    """

    def __init__(self, subject: Subject, saving: Mapping[uuid.UUID, frozenset[str]] | None = None) -> None:
        """Read for a subject; `saving`: the items of the pages that are being saved, not yet in the trail."""
        self._subject = subject
        self._saving = saving or {}
        self._written: dict[uuid.UUID, list[Writing]] = {}

    @cached_property
    def site(self) -> Site:
        """The site that enrolled the subject, which a transfer does not change."""
        if self._subject.is_transferred:
            return Site.objects.get(pk=self._subject.enrolled_at)
        return self._subject.site

    @cached_property
    def products(self) -> Mapping[str, DeviceProduct]:
        """The device catalogue, by code."""
        return {product.code: product for product in DeviceProduct.objects.all()}

    @cached_property
    def consents(self) -> list[ConsentVersion]:
        """The versions of the consent form that were ever approved at the site that enrolled."""
        with seeing(None):
            return list(ConsentVersion.objects.filter(site_id=self._subject.enrolled_at))

    @cached_property
    def delegations(self) -> list[Delegation]:
        """The delegation log of the site that enrolled."""
        with seeing(None):
            return list(Delegation.objects.filter(site_id=self._subject.enrolled_at))

    @cached_property
    def memberships(self) -> list[Membership]:
        """Who has or had which role at the subject's sites, that of today and that which enrolled."""
        sites = {self._subject.site_id, self._subject.enrolled_at}
        return list(Membership.objects.filter(site_id__in=sites))

    @cached_property
    def others_enrolled(self) -> int:
        """How many other subjects of the study are enrolled: a study device was introduced (§2)."""
        with seeing(None), connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM crf_pr r JOIN visits_page p ON p.id = r.page_id"
                " JOIN subjects_subject s ON s.id = r.subject_id AND s.voided_at IS NULL"
                " WHERE r.study_dev_introduced = 'Y' AND NOT p.removed AND NOT p.not_done"
                " AND r.subject_id <> %s",
                [self._subject.pk],
            )
            return int(cursor.fetchone()[0])

    @cached_property
    def reconsent(self) -> ConsentAsked | None:
        """The consent version that the subject's site asks to be signed again, None where none is asked."""
        return asked_of(self._subject)

    def drugs_not_found(self, names: Iterable[str]) -> frozenset[str]:
        """Return which drug names the dictionary in use does not hold; none while none is loaded."""
        wanted = {folded(name): name for name in names}
        in_use = Term.objects.filter(dictionary__kind=Dictionary.Kind.WHODRUG, dictionary__in_use=True)
        known = set(in_use.filter(folded__in=wanted).values_list("folded", flat=True))
        missing = frozenset(name for plain, name in wanted.items() if plain not in known)
        return missing if missing and in_use.exists() else frozenset()

    def status_of(self, subject: str) -> Status | None:
        """Return the status of another subject of the same site, None where there is no such subject."""
        known = Subject.objects.filter(site_id=self._subject.site_id, pk=subject).first()
        return None if known is None else subject_facts([known.pk])[known.pk].status

    def writings(self, pages: Iterable[uuid.UUID]) -> list[Writing]:
        """Return who wrote the answers of these pages, the first first; what is being saved comes last.

        A page's part of the trail is read once: several checks of a judgement ask for it.
        """
        wanted = list(pages)
        unread = [page for page in wanted if page not in self._written]
        self._written.update({page: [] for page in unread})
        for one in writings_of(unread) if unread else ():
            self._written[uuid.UUID(one.page_id)].append(one)
        written = sorted((one for page in wanted for one in self._written[page]), key=lambda one: one.n)
        number = max((one.n for one in written), default=0) + 1
        by = current_actor()
        return written + [
            Writing(str(page), number, clock.now(), by.identity, by.name, self._saving[page])
            for page in wanted
            if page in self._saving and by is not None
        ]

    def look_alikes(
        self, *, sex: str, birth_ym: str, target_limb: str, implant_dates: list[str], rescreen_of: str
    ) -> list[str]:
        """Return the numbers of other subjects, of any site, with these answers and one of these implants.

        For the data manager alone: what a site reads must never name another site's subject.
        """
        with seeing(None), connection.cursor() as cursor:
            cursor.execute(
                _LOOK_ALIKE,
                [self._subject.pk, sex, birth_ym, target_limb, implant_dates, rescreen_of, self._subject.pk],
            )
            return [usubjid for (usubjid,) in cursor.fetchall()]


_STANDS = "NOT removed AND NOT not_done"
_LOOK_ALIKE = f"""
    SELECT DISTINCT s.usubjid
      FROM crf_dm d
      JOIN crf_lh l ON l.subject_id = d.subject_id
      JOIN crf_ps i ON i.subject_id = d.subject_id
      JOIN subjects_subject s ON s.id = d.subject_id
     WHERE d.subject_id <> %s AND s.voided_at IS NULL
       AND d.sex = %s AND d.birth_ym = %s AND l.target_limb = %s
       AND i.ps_implant_date = ANY(%s)
       AND EXISTS (SELECT 1 FROM visits_page WHERE id = d.page_id AND {_STANDS})
       AND EXISTS (SELECT 1 FROM visits_page WHERE id = l.page_id AND {_STANDS})
       AND EXISTS (SELECT 1 FROM visits_page WHERE id = i.page_id AND {_STANDS})
       AND %s NOT IN (s.id::text, s.usubjid, s.screening_no)
       AND NOT EXISTS (
           SELECT 1 FROM crf_ic c JOIN subjects_subject me ON me.id = %s
            WHERE c.subject_id = s.id AND c.rescreen_of IN (me.id::text, me.usubjid, me.screening_no))
     ORDER BY 1"""  # noqa: S608 words of our own


@dataclass(slots=True)
class Reading:
    """One subject as the checks read it."""

    dossier: Dossier
    facts: Facts
    now: datetime
    _standing: dict[str, list[PageRecord]] = field(default_factory=dict)
    _complete: dict[uuid.UUID, dict[str, Any]] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The date at the sites (Asia/Shanghai)."""
        return self.now.astimezone(clock.ZONE).date()

    @property
    def site(self) -> Site:
        """The site that enrolled the subject, with its activation and closing dates."""
        return self.facts.site

    @property
    def products(self) -> Mapping[str, DeviceProduct]:
        """The device catalogue, by code."""
        return self.facts.products

    @property
    def consents(self) -> list[ConsentVersion]:
        """The consent versions of the site."""
        return self.facts.consents

    def delegated(self, person: str, task: str, on: date) -> bool:
        """Say whether a task had been delegated to a person (by id) at the subject's site on a day."""
        return any(
            str(one.user_id) == str(person)
            and task in one.tasks
            and one.from_date <= on
            and (one.to_date is None or on <= one.to_date)
            for one in self.facts.delegations
        )

    def roles_at_site(self, person: str) -> set[str]:
        """Return the roles that a person (by id) has or had at the subject's site."""
        return {one.role for one in self.facts.memberships if str(one.user_id) == str(person)}

    def of(self, form: str, visit: str | None = None) -> list[PageRecord]:
        """Return the standing pages of a form, of one visit where one is named."""
        if form not in self._standing:
            self._standing[form] = self.dossier.of(form)
        return [page for page in self._standing[form] if visit is None or page.visit == visit]

    def one(self, form: str, visit: str | None = None) -> PageRecord | None:
        """Return the standing page of a form that does not repeat (at that visit), None without one."""
        return next(iter(self.of(form, visit)), None)

    def value(self, address: str) -> Any:
        """Return the value at `form.item` of a form that does not repeat, derived ones too."""
        form, item = address.split(".", 1)
        page = self.one(form.upper())
        return None if page is None else self.item(page, item)

    def lesions(self) -> list[PageRecord]:
        """Return the site's own readings of all lesions (protocol §4, Owner)."""
        return [page for page in self.of("LES") if page.get("les_reader") != "CORE"]

    def complete(self, page: PageRecord) -> dict[str, Any]:
        """Return the values of a page with the derived ones."""
        known = self._complete.get(page.id)
        if known is None:
            known = self._complete[page.id] = FORMS[page.form].complete(page.values, self.dossier)
        return known

    def item(self, page: PageRecord, item: str) -> Any:
        """Return one value of a page, stored or derived."""
        return self.complete(page).get(item) if item in FORMS[page.form].derived() else page.get(item)

    def finding(
        self, page: PageRecord, *items: str, also: Iterable[Also] = (), about: str = "", **facts: Any
    ) -> Finding:
        """Return a finding on `page` at `items`, with all that it has read.

        `also`: what was read elsewhere, as an address of a form that does not repeat ("pr.proc_date") or as
        (page, item); without such a page it is passed over. `facts` are kept and hashed beside them.
        """
        read: dict[str, Operand] = {}
        for where, item in [*((page, item) for item in items), *map(self._place, also)]:
            if where is not None:
                name = f"{name_of(where)}.{item}"
                name = f"{name}#{where.ordinal}" if name in read else name
                read[name] = Operand(self.item(where, item), where, item)
        read.update({name: Operand(value) for name, value in facts.items()})
        return Finding(page, items, read, about)

    def on(
        self, form: str, *items: str, also: Iterable[Also] = (), about: str = "", **facts: Any
    ) -> Iterator[Finding]:
        """Yield the finding on the one page of a form that does not repeat, if there is such a page."""
        page = self.one(form)
        if page is not None:
            yield self.finding(page, *items, also=also, about=about, **facts)

    def _place(self, also: Also) -> tuple[PageRecord | None, str]:
        if not isinstance(also, str):
            return also
        form, _, item = also.partition(".")
        return self.one(form.upper()), item


def name_of(page: PageRecord) -> str:
    """Return how an operand names its page: pr, fu M12, dcb DCB1."""
    form = page.form.lower()
    if FORMS[page.form].repeating:
        return f"{form} {page.identity or page.ordinal}"
    return f"{form} {page.visit}" if page.form in ("FU", "ABI", "LB") else form
