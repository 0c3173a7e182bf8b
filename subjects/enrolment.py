"""Giving a new subject its number; refused where the site may not enrol (protocol §1.3, EC-006)."""

from django.db.models import Max

from audit import clock
from audit.actors import Actor
from audit.context import acting
from audit.sight import seeing
from protocol import identifiers
from protocol.words import Bilingual, T
from sites.access import require
from sites.models import Site
from sites.roles import Action
from subjects.models import Subject

NOT_CLINICAL = T("This site is no clinical centre: it cannot enrol.", "该中心不是临床中心,不能入组。")
NOT_ACTIVE = T("This site is not active: it cannot enrol.", "该中心未启动,不能入组。")
NO_ETHICS = T(
    "This site has no ethics approval number and date on file: it cannot enrol.",
    "该中心没有伦理批件号和日期,不能入组。",
)


class CannotEnrol(Exception):
    """The site may not enrol; `message` says why, in both languages."""

    def __init__(self, message: Bilingual) -> None:
        super().__init__(message.en)
        self.message = message


def why_not(site: Site) -> Bilingual | None:
    """Return why a site cannot enrol, or None where it can."""
    if site.role != Site.Role.CLINICAL:
        return NOT_CLINICAL
    if site.status != Site.Status.ACTIVE:
        return NOT_ACTIVE
    if not site.ethics_no or site.ethics_date is None:
        return NO_ETHICS
    return None


def register_subject(*, site: Site, by: Actor) -> Subject:
    """Create a subject under the next number of its site; CannotEnrol where the site may not."""
    require(by, Action.SUBJECT_SCREEN, site.code)
    with acting(by=by):
        locked = Site.objects.select_for_update().get(pk=site.pk)
        reason = why_not(locked)
        if reason is not None:
            raise CannotEnrol(reason)
        given = Subject.objects.filter(usubjid__startswith=identifiers.numbers_of(locked.code))
        with seeing(None):  # a number stays with its subject, wherever that is followed now
            seq = (given.aggregate(last=Max("seq"))["last"] or 0) + 1
        return Subject.objects.create(
            site=locked,
            seq=seq,
            usubjid=identifiers.usubjid(locked.code, seq),
            screening_no=identifiers.screening_no(locked.code, seq),
            created=clock.now(),
        )
