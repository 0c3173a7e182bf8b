"""What in the registry record contradicts itself or is missing (protocol §1.5), found by reading it.

Each rule looks at the record and says what it sees, or nothing: a corrected record has no such line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from protocol.words import Bilingual, T
from sites.institutions import INSTITUTION
from sites.registry import Record

FOLLOW_UP_MONTHS = 24


@dataclass(frozen=True, slots=True)
class Contradiction:
    """One line of protocol §1.5 that this record shows."""

    id: str
    words: Bilingual


def contradictions(record: Record) -> list[Contradiction]:
    """Return the contradictions that the record shows, in the protocol's order."""
    found = ((id_, rule(record)) for id_, rule in RULES.items())
    return [Contradiction(id_, words) for id_, words in found if words is not None]


def _other_registry_number(record: Record) -> Bilingual | None:
    if not record.other_ids:
        return None
    others = ", ".join(record.other_ids)
    return T(
        f"The summary names {others}, the record is {record.nct_id}: only {record.nct_id} is used.",
        f"摘要中写的是 {others}，而登记号为 {record.nct_id}：仅使用 {record.nct_id}。",
    )


def _old_ethics_number(record: Record) -> Bilingual | None:
    _committee, number = record.ethics
    year = re.match(r"(19|20)\d\d", number)
    if year is None or int(year[0]) >= int(record.first_submitted[:4]) - 1:
        return None
    return T(
        f"Ethics approval {number} is of {year[0]}, the study was first submitted {record.first_submitted}:"
        " confirm that it covers this study.",
        f"伦理批件号 {number} 为 {year[0]} 年，而研究首次提交于 {record.first_submitted}:"
        "请确认其适用于本研究。",
    )


def _age_limits(record: Record) -> Bilingual | None:
    criterion = re.search(r"Age\s*(>|≥|>=)\s*(\d+)", record.inclusion[0])
    summary = re.search(r"Be (\d+) years or older", record.summary)
    said: dict[int, Bilingual] = {}
    if "CHILD" in record.age_groups and not record.minimum_age:
        said[0] = T("age groups: CHILD, no minimum age", "年龄组含 CHILD 且无最低年龄")
    if summary:
        said[int(summary[1])] = T(f"summary: ≥ {summary[1]}", f"摘要:≥ {summary[1]}")
    if criterion:
        least = int(criterion[2]) + (criterion[1] == ">")
        said[least] = T(f"criteria: {criterion[1]} {criterion[2]}", f"标准：{criterion[1]} {criterion[2]}")
    if len(said) < 2:
        return None
    return T(
        f"The age limit is given in different ways ({'; '.join(words.en for words in said.values())}).",
        f"年龄限制表述不一致({';'.join(words.zh for words in said.values())})。",
    )


def _trial_or_cohort(record: Record) -> Bilingual | None:
    calls_itself = (
        "cohort study" in record.summary.casefold() or "cohort study" in record.brief_title.casefold()
    )
    if record.study_type != "INTERVENTIONAL" or not calls_itself:
        return None
    return T(
        f"Registered as {record.study_type}, {record.model}; the text calls it a cohort study:"
        " no randomisation.",
        f"登记为 {record.study_type}、{record.model}，正文称为队列研究：不设随机化。",
    )


def _fewer_arms_than_cohorts(record: Record) -> Bilingual | None:
    if len(record.arms) >= len(record.cohorts):
        return None
    return T(
        f"{len(record.arms)} arm group for the {len(record.cohorts)} cohorts {' and '.join(record.cohorts)}.",
        f"{len(record.cohorts)} 个队列({'、'.join(record.cohorts)})仅登记了 {len(record.arms)} 个组。",
    )


def _too_short(record: Record) -> Bilingual | None:
    """The time from start to completion against enrolment (as the summary gives it) plus follow-up."""
    enrolment = re.search(r"enrolled over approximately (\d+) years?", record.summary)
    needed = FOLLOW_UP_MONTHS + 12 * int(enrolment[1] if enrolment else 0)
    planned = _months(record.start, record.completion)
    if planned >= needed:
        return None
    return T(
        f"{record.start} to {record.completion} is {planned} months; enrolment and follow-up need {needed}.",
        f"{record.start} 至 {record.completion} 共 {planned} 个月；入组与随访需 {needed} 个月。",
    )


def _months(start: str, end: str) -> int:
    first, last = (date.fromisoformat(f"{day}-01"[:10]) for day in (start, end))
    return (last.year - first.year) * 12 + last.month - first.month


def _primary_twice(record: Record) -> Bilingual | None:
    measures = [outcome.measure for outcome in record.primary_outcomes]
    twice = sorted({measure for measure in measures if measures.count(measure) > 1})
    both_ways = "assesses the absence" in " ".join(o.description for o in record.primary_outcomes) and (
        "compare the rate" in record.summary
    )
    if not twice and not both_ways:
        return None
    en = [f"entered {measures.count(measure)} times" for measure in twice]
    zh = [f"登记 {measures.count(measure)} 次" for measure in twice]
    if both_ways:
        en.append("rate and absence")
        zh.append("发生率与未发生并用")
    return T(
        f"Primary outcome: {'; '.join(en)}; one parameter CDTLR.",
        f"主要结局：{';'.join(zh)}；仅设一个参数 CDTLR。",
    )


def _no_secondary(record: Record) -> Bilingual | None:
    if record.secondary_outcomes or "Secondary goals" not in record.summary:
        return None
    return T(
        "The summary names secondary goals, but no secondary outcome is registered.",
        "摘要提及次要目标，但未登记任何次要结局。",
    )


def _rutherford_gap(record: Record) -> Bilingual | None:
    inside = re.search(r"Rutherford[^.]*?(\d)-(\d)", " ".join(record.inclusion))
    outside = re.search(r"Rutherford Category ([\d or,]+)", " ".join(record.exclusion))
    if inside is None or outside is None:
        return None
    covered = {*range(int(inside[1]), int(inside[2]) + 1), *map(int, re.findall(r"\d", outside[1]))}
    gap = [str(category) for category in range(7) if category not in covered]
    if not gap:
        return None
    words = ", ".join(gap)
    return T(
        f"Rutherford {words} is neither included nor excluded by name: not included.",
        f"Rutherford {words} 级既未列入也未排除：按不符合入选处理。",
    )


def _three_responsible(record: Record) -> Bilingual | None:
    committee, _number = record.ethics
    names = [name for name in (record.sponsor, record.organisation, committee) if name]
    if len(set(names)) < 2:
        return None
    words = "; ".join(names)
    return T(
        f"Sponsor, organisation and ethics committee are different ({words}): kept apart.",
        f"申办者、单位与伦理委员会不同({words})：分别记录。",
    )


def _not_twelve_sites(record: Record) -> Bilingual | None:
    other = [code for code in record.institutions if not INSTITUTION[code].clinical]
    clinical = len(record.institutions) - len(other)
    if record.locations or not other:
        return None
    return T(
        f"{len(record.institutions)} institutions, but {clinical} clinical and {len(other)} statistics centre"
        f" ({', '.join(other)}), and no location: the statistics centre cannot enrol.",
        f"共 {len(record.institutions)} 家机构，其中临床 {clinical} 家、统计中心 {len(other)} 家"
        f"({', '.join(other)})，且未登记研究地点：统计中心不能入组。",
    )


RULES: dict[str, Callable[[Record], Bilingual | None]] = {
    "C01": _other_registry_number,
    "C02": _old_ethics_number,
    "C03": _age_limits,
    "C04": _trial_or_cohort,
    "C05": _fewer_arms_than_cohorts,
    "C08": _too_short,
    "C09": _primary_twice,
    "C10": _no_secondary,
    "C11": _rutherford_gap,
    "C27": _three_responsible,
    "C28": _not_twelve_sites,
}
