"""Eligibility as a conversation: per criterion what the investigator says, what the data say, and why.

Nothing is decided here. A criterion on which the two differ is named; the criteria that need the index
angiogram stay provisional until its reading is entered (protocol §3.5).
"""

from __future__ import annotations

from dataclasses import dataclass

from protocol.codelists import IENA, IEOUT
from protocol.eligibility import CRITERIA, conclusion
from protocol.words import Bilingual, T
from visits.crfs import FORMS
from visits.crfs.criteria import eligibility_inputs
from visits.dossier import Dossier

ANGIOGRAPHIC = frozenset(FORMS["IE"].layout[1].items)
UNDECIDED = T("not decided by the data", "数据无法判定")
BLANK = T("not answered yet", "尚未填写")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One criterion: the investigator's answer, the one derived from other forms, its reason, and a state.

    `state`: agree, differ, judged (the data do not decide), open (not answered), provisional (answered, but
    the angiogram that it needs is not entered).
    """

    id: str
    number: str
    text: Bilingual
    answer: Bilingual
    derived: Bilingual
    because: Bilingual
    state: str
    forbids: bool


@dataclass(frozen=True, slots=True)
class Conversation:
    """All criteria of a subject, and what follows from the answers."""

    exchanges: tuple[Exchange, ...]
    concluded: str | None
    follows: str | None

    @property
    def differing(self) -> list[Exchange]:
        """The criteria on which investigator and data differ."""
        return [one for one in self.exchanges if one.state == "differ"]

    @property
    def provisional(self) -> list[Exchange]:
        """The criteria that wait for the angiogram."""
        return [one for one in self.exchanges if one.state == "provisional"]

    @property
    def contradicts_itself(self) -> bool:
        """Whether the recorded conclusion is not the one that follows from the answers."""
        return bool(self.concluded and self.follows and self.concluded in ("ELIG", "SF")) and (
            self.concluded != self.follows
        )


def has_angiogram(dossier: Dossier) -> bool:
    """Whether the site's reading of a target lesion on the index angiogram is entered, with its date."""
    return any(page.get("les_date") is not None for page in dossier.target_lesions())


def conversation(dossier: Dossier) -> Conversation:
    """Return the criteria of a subject as they stand, in the order of the record."""
    page = dossier.one("IE")
    answers = {criterion.id: page.get(criterion.id) if page else None for criterion in CRITERIA}
    inputs = eligibility_inputs(dossier)
    seen = has_angiogram(dossier)
    exchanges = []
    for criterion in CRITERIA:
        answer, verdict = answers[criterion.id], criterion.decide(inputs)
        exchanges.append(
            Exchange(
                id=criterion.id,
                number=criterion.number,
                text=criterion.text,
                answer=IENA.decode(answer) if answer else BLANK,
                derived=IENA.decode(verdict.answer) if verdict.answer in IENA else UNDECIDED,
                because=verdict.because,
                state=_state(criterion.id, answer, verdict.answer, seen=seen),
                forbids=conclusion({criterion.id: answer}) == "SF",
            )
        )
    return Conversation(
        exchanges=tuple(exchanges),
        concluded=page.get("elig_outcome") if page else None,
        follows=conclusion(answers),
    )


def _state(criterion: str, answer: str | None, derived: str, *, seen: bool) -> str:
    if answer is None:
        return "open"
    if derived in IENA and answer != derived:
        return "differ"
    if criterion in ANGIOGRAPHIC and not seen:
        return "provisional"
    return "agree" if derived in IENA else "judged"


def concluded_words(code: str | None) -> Bilingual | None:
    """Return a conclusion in words."""
    return IEOUT.decode(code) if code else None
