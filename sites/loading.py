"""Filling the study and its institutions from the registry record; what is there already stays as it is."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from audit.actors import Actor
from audit.context import acting, take_chains
from sites import upkeep
from sites.access import require
from sites.contradictions import Contradiction, contradictions
from sites.institutions import INSTITUTIONS
from sites.models import Site
from sites.registry import Record, read_record
from sites.roles import Action

TITLE_ZH = "药物涂层球囊与药物洗脱支架治疗股腘动脉支架内再狭窄的前瞻性、多中心队列研究(Defier 研究)"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a record changed, and what it contradicts itself in."""

    record: Record
    changed: tuple[str, ...]
    added_sites: tuple[str, ...]
    contradictions: tuple[Contradiction, ...]


def load_record(text: str | bytes, *, by: Actor) -> Loaded:
    """Fill the study from a record; RecordError names what is wrong, and then nothing is changed."""
    require(by, Action.STUDY_CONFIGURE)
    require(by, Action.SITE_EDIT)
    record = read_record(text)
    found = contradictions(record)
    facts = _facts(record, found, text)
    with acting(by=by):
        take_chains(sites=[one.code for one in INSTITUTIONS], study=True)
        study = upkeep.the_study()
        changed = {
            name: value
            for name, value in facts.items()
            if study._state.adding or getattr(study, name) != value
        }
        if changed:
            upkeep.configure_study(by=by, facts=changed)
        added = _add_sites(record, by)
    return Loaded(record, tuple(changed), added, tuple(found))


def _facts(record: Record, found: list[Contradiction], text: str | bytes) -> Mapping[str, Any]:
    committee, _number = record.ethics
    raw = text.encode() if isinstance(text, str) else text
    return {
        "nct_id": record.nct_id,
        "nct_id_in_summary": next(iter(record.other_ids), ""),
        "org_study_id": record.org_study_id,
        "brief_title": record.brief_title,
        "official_title": record.official_title,
        "title_zh": TITLE_ZH,
        "sponsor": record.sponsor,
        "organisation": record.organisation,
        "ethics_committee": committee,
        "study_type": record.study_type,
        "target_n": record.target_n,
        "planned_start": record.start,
        "planned_primary_completion": record.primary_completion,
        "planned_completion": record.completion,
        "eligibility_text": record.eligibility,
        "record": {
            "sha256": hashlib.sha256(raw).hexdigest(),
            "arms": list(record.arms),
            "cohorts": dict(record.cohorts),
            "inclusion": list(record.inclusion),
            "exclusion": list(record.exclusion),
            "primary_outcomes": [asdict(outcome) for outcome in record.primary_outcomes],
            "secondary_outcomes": [asdict(outcome) for outcome in record.secondary_outcomes],
            "institutions": dict(record.institutions),
            "contradictions": [{"id": one.id, "en": one.words.en, "zh": one.words.zh} for one in found],
        },
    }


def _add_sites(record: Record, by: Actor) -> tuple[str, ...]:
    """Add the institutions that are not there yet, all planned; the lead one with the record's approval."""
    there = set(Site.objects.values_list("code", flat=True))
    _committee, ethics_no = record.ethics
    missing = [one for one in INSTITUTIONS if one.code not in there]
    for one in missing:
        upkeep.add_site(
            by=by,
            code=one.code,
            name_en=one.name.en,
            name_zh=one.name.zh,
            city_en=one.city.en,
            city_zh=one.city.zh,
            role=Site.Role.CLINICAL if one.clinical else Site.Role.STATISTICS,
            status=Site.Status.PLANNED,
            ethics_no=ethics_no if one.code == upkeep.LEAD_SITE else "",
        )
    return tuple(one.code for one in missing)
