"""One stored explanation ready for a reader: sentences with addresses, the follow-up line, open hints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse

from audit import clock
from audit.actors import Actor
from outcomes import drawing
from outcomes.models import Result
from outcomes.sayings import Line, Step
from outcomes.time_to_event import EVENT
from outcomes.wording import Reader, Sentence, open_hints
from protocol import endpoints
from protocol.endpoints import ANSWERS, CNSR
from protocol.words import Bilingual
from sites.access import can
from sites.roles import Action
from visits.dossier import LOG
from visits.models import Page

LAST_WINDOW_DAY = 790


@dataclass(frozen=True, slots=True)
class Linked:
    """A sentence with the address of the page it points at; "" where the reader may not open pages."""

    sentence: Sentence
    url: str


@dataclass(frozen=True, slots=True)
class ExplainedStep:
    """One numbered step."""

    title: str
    lines: tuple[Linked, ...]


@dataclass(slots=True)
class Explained:
    """Everything the panel shows."""

    result: Result
    title: Bilingual
    section: str
    outcome: Bilingual
    cohort: str
    colour: str
    steps: list[ExplainedStep]
    hints: list[Linked]
    line: drawing.FollowUpLine | None
    ask: str = ""
    """The page on which the site can be asked for what is missing; "" where the reader may not ask."""
    ask_item: str = ""
    question: str = ""

    @property
    def is_event(self) -> bool:
        """Whether the result is an event."""
        return self.result.cnsr == EVENT


def title_of(paramcd: str) -> Bilingual:
    """Return the name of an endpoint, by PARAMCD, by-visit name or 30-day name."""
    if paramcd in endpoints.ENDPOINT:
        return endpoints.ENDPOINT[paramcd].label
    if paramcd in endpoints.BY_VISIT:
        label, visit = endpoints.BY_VISIT[paramcd].label, paramcd.partition(".")[2]
        return Bilingual(f"{label.en}, {visit}", f"{label.zh},{visit}")
    return next(one.label for one in endpoints.SAFETY_ENDPOINTS if one.paramcd == paramcd)


def explained(result: Result, *, by: Actor, language: str) -> Explained:
    """Tell a result to a reader, who sees the cohort and the links only where the role may."""
    stored = result.explanation
    start = _start(result)
    reader = Reader(language, start or date(1970, 1, 1))
    addresses = _addresses(stored) if can(by, Action.PAGE_READ, result.site_id) else {}
    today = (clock.today() - start).days if start else 0
    cohort = result.cohort if can(by, Action.COHORT_READ, result.site_id) else ""
    hints = open_hints(stored, day_today=today)
    ask, ask_item = (
        _where_to_ask(stored) if hints and can(by, Action.QUERY_RAISE, result.site_id) else ("", "")
    )
    asked = [Reader(one, reader.proc_date).line(line) for one in ("en", "zh-hans") for line in hints[:1]]
    return Explained(
        result=result,
        title=title_of(result.paramcd),
        section=stored.get("section", ""),
        outcome=outcome_words(result),
        cohort=cohort,
        colour=drawing.COLOURS[cohort or "ALL"][0],
        steps=[
            ExplainedStep(told.title, tuple(_linked(one, addresses) for one in told.sentences))
            for told in reader.steps(stored)
        ],
        hints=[_linked(reader.line(line), addresses) for line in hints],
        line=_line(result, stored),
        ask=ask,
        ask_item=ask_item,
        question=" ".join(map(str, asked)),
    )


def outcome_words(result: Result) -> Bilingual:
    """Say how the result ends: event, or why it is censored; for other endpoints the answer itself."""
    if result.cnsr is None:
        return ANSWERS.get(result.answer, Bilingual(result.answer, result.answer))
    reason = CNSR[result.cnsr]
    if result.cnsr == EVENT:
        return reason
    return Bilingual(f"censored, {reason.en}", f"删失，{reason.zh}")


def _start(result: Result) -> date | None:
    """Return the procedure date; by-visit results find it beside the subject's primary result."""
    if result.adt is not None and result.aval is not None:
        return result.adt - timedelta(days=result.aval)
    primary = Result.objects.filter(subject_id=result.subject_id, paramcd=endpoints.PRIMARY.paramcd).first()
    return _start(primary) if primary is not None and primary.adt is not None else None


def _addresses(stored: Mapping[str, Any]) -> dict[str, str]:
    """Return where each cited page is shown, in one statement."""
    steps = [Step.from_json(step) for step in stored["steps"]]
    cited = {line.cite.page for step in steps for line in step.lines if line.cite is not None}
    cited |= {line["cite"][0] for line in stored.get("hints", []) if "cite" in line}
    pages = Page.objects.filter(pk__in=[UUID(page) for page in cited]).select_related("visit")
    return {
        str(page.pk): reverse(
            "page", args=[page.subject_id, page.visit.key if page.visit else LOG, page.form]
        )
        for page in pages
    }


def _where_to_ask(stored: Mapping[str, Any]) -> tuple[str, str]:
    """Return page and item of the last contact, or of what the hint itself points at."""
    lines = [Line.from_json(line) for line in stored["hints"]]
    lines += [
        line for step in stored["steps"] for line in Step.from_json(step).lines if line.say == "latest_of"
    ]
    cited = next((line.cite for line in lines if line.cite is not None), None)
    return (cited.page, cited.item) if cited is not None else ("", "")


def _linked(sentence: Sentence, addresses: Mapping[str, str]) -> Linked:
    return Linked(sentence, addresses.get(sentence.page, ""))


def _line(result: Result, stored: Mapping[str, Any]) -> drawing.FollowUpLine | None:
    if result.aval is None:
        return None
    spec = endpoints.ENDPOINT[result.paramcd]
    until = LAST_WINDOW_DAY if stored.get("hints") else None
    return drawing.follow_up_line(result.aval, stored.get("contacts", []), spec.horizon, until)
