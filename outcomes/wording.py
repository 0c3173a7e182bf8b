"""A stored explanation told in one language: steps, sentences and links (pure; used by pages and files)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from outcomes.sayings import Cite, Line, Step
from outcomes.sentences import LINES, NAMED, STEPS
from protocol import codelists
from protocol.endpoints import ANSWERS, CNSR
from protocol.words import Bilingual


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, cut where its link stands; without a link everything is in `before`."""

    before: str
    link: str = ""
    after: str = ""
    page: str = ""
    item: str = ""

    def __str__(self) -> str:
        return f"{self.before}{self.link}{self.after}"


@dataclass(frozen=True, slots=True)
class Told:
    """One numbered step as it is read."""

    title: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: the language, and the procedure date that turns days into dates."""

    language: str
    proc_date: date

    def steps(self, stored: Mapping[str, Any]) -> list[Told]:
        """Return the steps of a stored explanation."""
        return [self.step(Step.from_json(step)) for step in stored["steps"]]

    def step(self, step: Step) -> Told:
        """Tell one step."""
        return Told(self._say(STEPS[step.say], step.facts), tuple(self.line(line) for line in step.lines))

    def line(self, line: Line) -> Sentence:
        """Tell one sentence."""
        words = LINES[line.say].in_(self.language)
        before, cut, after = words.partition("{cite}")
        if not cut or line.cite is None:
            return Sentence(self._fill(words.replace("{cite}", ""), line.facts))
        return Sentence(
            self._fill(before, line.facts),
            self.name(line.cite),
            self._fill(after, line.facts),
            line.cite.page,
            line.cite.item,
        )

    def name(self, cite: Cite) -> str:
        """Name a page as people do: REV1, day 391."""
        known = {"number": cite.number, "day": cite.day, "visit": cite.visit, "date": self._date(cite.day)}
        return " ".join(NAMED[cite.kind].in_(self.language).format(**known).split()).replace(" ,", ",")

    def _say(self, words: Bilingual, facts: Mapping[str, Any]) -> str:
        return self._fill(words.in_(self.language), facts)

    def _fill(self, words: str, facts: Mapping[str, Any]) -> str:
        return words.format(**{name: self._spoken(value) for name, value in facts.items()})

    def _spoken(self, value: Any) -> str:
        if isinstance(value, Mapping):
            if "day" in value:
                return self._date(value["day"])
            if value["list"] == "ANSWER":
                return ANSWERS[value["codes"][0]].in_(self.language)
            if value["list"] == "CNSR":
                return CNSR[int(value["codes"][0])].in_(self.language)
            decoded = [codelists.CODELISTS[value["list"]].decode(code) for code in value["codes"]]
            return ", ".join(one.in_(self.language) for one in decoded) or "–"
        return "–" if value is None else str(value)

    def _date(self, day: int) -> str:
        return (self.proc_date + timedelta(days=day)).isoformat()


def open_hints(stored: Mapping[str, Any], *, day_today: int) -> list[Line]:
    """Return the hints that can still be acted on: without a last day, or before it has passed."""
    lines = [Line.from_json(line) for line in stored.get("hints", [])]
    return [line for line in lines if line.facts.get("until", day_today) >= day_today]
