"""The records that items of a page may point at: lesions, devices, products, people, subjects, events."""

from __future__ import annotations

from collections.abc import Iterable

from protocol.codelists import LESION
from protocol.words import Bilingual
from sites.models import DeviceProduct, Membership
from subjects.models import Subject
from visits.capture.forms import Choice
from visits.crfs import FORMS
from visits.crfs.base import Crf
from visits.dossier import Dossier, PageRecord
from visits.items import RefItem
from visits.uploads.records import Upload

STENTS = ("DES", "BMS", "PS")
DEVICES = ("DCB", "BMS", "DES", "PS")
MOST_TARGETS = 3
EVENTS = ("REV", "AMP", "DTH", "AE")


def choices_for(crf: type[Crf], dossier: Dossier) -> dict[str, tuple[Choice, ...]]:
    """Return what each pointing item of a form may point at, for this subject."""
    return {
        name: tuple(_choices(item, dossier))
        for name, item in crf.items().items()
        if isinstance(item, RefItem)
    }


def _choices(item: RefItem, dossier: Dossier) -> Iterable[Choice]:
    target = item.target
    if target == "lesion":
        names = [page.identity for page in dossier.target_lesions()]
        if not dossier.of("LES"):
            names = list(LESION.codes[:MOST_TARGETS])
        return [Choice(name, Bilingual(name, name)) for name in names]
    if target in ("device", "stent"):
        forms = DEVICES if target == "device" else STENTS
        return [_page(page, page.identity) for form in forms for page in dossier.of(form)]
    if target == "product":
        return _products(item.product_kind)
    if target == "person":
        return _people({dossier.subject.site_id, dossier.subject.enrolled_at})
    if target == "subject":
        others = Subject.objects.filter(site_id=dossier.subject.site_id, voided_at=None)
        others = others.exclude(pk=dossier.subject.pk)
        return [Choice(str(s.pk), Bilingual(s.screening_no, s.screening_no)) for s in others.order_by("seq")]
    if target == "file":
        kept = Upload.objects.filter(subject_id=dossier.subject.pk, state=Upload.State.READY)
        return [Choice(one.sha256, Bilingual(one.label, one.label)) for one in kept.defer("content")]
    if target == "event":
        return [_page(page, str(page.id)) for form in EVENTS for page in dossier.of(form)]
    if target.startswith("page:"):
        return [_page(page, str(page.id)) for page in dossier.of(target.removeprefix("page:"))]
    return []


def _page(page: PageRecord, code: str) -> Choice:
    title = FORMS[page.form].title
    return Choice(code, Bilingual(f"{page.identity} {title.en}", f"{page.identity} {title.zh}"))


def _products(kind: str) -> list[Choice]:
    found = DeviceProduct.objects.filter(kind=kind) if kind else DeviceProduct.objects.all()
    return [
        Choice(
            product.code,
            Bilingual(f"{product.brand}, {product.manufacturer}", f"{product.brand}, {product.manufacturer}"),
        )
        for product in found.order_by("brand", "code")
    ]


def _people(sites: set[str]) -> list[Choice]:
    """Return who works at these sites: of a transferred subject also those who took the consent."""
    found = (
        Membership.objects.filter(site_id__in=sites)
        .select_related("user")
        .order_by("user__full_name", "user_id")
    )
    people = {
        str(m.user_id): Choice(
            str(m.user_id), Bilingual(m.user.full_name, m.user.full_name_zh or m.user.full_name)
        )
        for m in found
    }
    return list(people.values())
