"""Screen failures: which criterion was not met, and what the pages say of it."""

from __future__ import annotations

from datetime import timedelta

from defier.demo import timeline
from defier.demo.acts import Confirm, Sheet
from defier.demo.logbook import Logbook
from defier.demo.pages import pressures, screening

UNMET = ("inc03", "inc07", "inc08", "inc09", "exc08", "exc09", "exc11", "WD", "consent")
WEIGHTS = (0.16, 0.14, 0.14, 0.12, 0.12, 0.10, 0.08, 0.08, 0.06)


def screen_failure(book: Logbook) -> None:
    """Note the acts of a subject who never reaches a study device."""
    course = book.course
    rng = timeline.stream(course.head.index, "failure")
    unmet = rng.choices(UNMET, WEIGHTS)[0]
    day = course.head.screened
    hour = rng.uniform(8.5, 11.0)
    book.save(timeline.moment(day, hour + 0.4), screening.consent(course, hour, given=unmet != "consent"))
    at = timeline.moment(day, rng.uniform(13.5, 17.0))
    if unmet == "consent":
        book.save(at, _leaving(book, 0))
        return
    history = screening.medical_history(course, rng)
    status = screening.clinical_status(course, rng)
    _evidence(unmet, history, status, day - timedelta(days=25))
    book.save(
        at,
        screening.demographics(course, rng),
        history,
        screening.limb_history(course, rng),
        *screening.prior_stents(course, rng),
        status,
        pressures.pressures(course, "SCR", day, None, rng),
    )
    later = rng.randint(0, 6)
    decided = day + timedelta(days=later)
    criterion = "" if unmet == "WD" else unmet
    page = screening.eligibility(course, angiogram=True, decided=decided, unmet=criterion)
    book.save(timeline.moment(decided, 17.2), page, _leaving(book, later))
    book.add(Confirm(timeline.moment(decided, 17.6), book.investigator))


def _evidence(unmet: str, history: Sheet, status: Sheet, recently: object) -> None:
    """Let the other pages show why the criterion is not met."""
    if unmet == "inc03":
        for item in ("wound_area_cm2", "wifi_wound", "wifi_infection", "wifi_ischaemia"):
            status.values.pop(item, None)
        status.values |= {"rutherford_target": "1", "tissue_loss": "N", "claud_distance_m": 450}
    elif unmet == "exc08":
        history.values |= {"prior_cva": "Y", "cva_type": "ISCH", "last_cva_date": str(recently)}
    elif unmet == "exc09":
        history.values["allergy_antiplt"] = "Y"
    elif unmet == "exc11":
        history.values["life_exp_2y"] = "N"


def _leaving(book: Logbook, later: int) -> Sheet:
    day = book.course.head.screened + timedelta(days=later)
    values = {
        "exit_date": day,
        "exit_reason": "SF",
        "last_contact_date": day,
        "all_events_entered": "Y",
    }
    return Sheet("EXIT", "EXIT", "EOS", values)
