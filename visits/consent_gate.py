"""What may be opened for a subject: nothing before consent, nothing that took place after its withdrawal.

Only new pages are concerned (PRI-05, PIPL 15 and 29): what was entered stays readable and can be corrected,
and what happened before the withdrawal can still be recorded, since whatever really happened must be
recordable (design §3.7). A death is recorded always (EC-117). The gate is no edit check: it says what a page
may be opened for, never whether answers agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from protocol.partial_dates import PartialDate
from protocol.schedule import SCHEDULED_FU, window_dates
from protocol.words import Bilingual, T
from visits.crfs import FORMS
from visits.dossier import Dossier
from visits.items import DateItem, DateTimeItem, PartialDateItem, local_day

# Open before consent: the consent page itself, the exit of a screening failure (protocol §2), and deviations,
# which are the study's own doings.
BEFORE_CONSENT = frozenset({"IC", "EXIT", "DV"})
# Open after withdrawal: the end itself, the death, what the committee decides, consent given anew.
AFTER_WITHDRAWAL = frozenset({"IC", "ICRE", "EXIT", "DTH", "CEC", "DV"})
# The item that says when the data of a form were collected (EC-117).
COLLECTED = {
    "FU": "fu_date",
    "ABI": "abi_date",
    "LB": "lb_dt",
    "DUS": "dus_date",
    "XR": "xr_date",
    "IMG": "img_date",
    "REV": "rev_date",
    "AMP": "amp_date",
    "AE": "ae_start",
}

NOT_OBTAINED = T(
    "No written consent is recorded for this subject: nothing else may be entered.",
    "该受试者没有书面知情同意记录,不能录入其他数据。",
)
NO_DATE = T(
    "The date and time of consent are not recorded: nothing else may be entered yet.",
    "尚未记录签署知情同意的日期时间,暂不能录入其他数据。",
)
COLLECTED_AFTER = T(
    "This was collected after consent was withdrawn: it may not be entered (death excepted).",
    "该数据收集于撤回知情同意之后,不得录入(死亡除外)。",
)


@dataclass(frozen=True, slots=True)
class Shut:
    """Why a new page may not be opened, and the page on which that is recorded."""

    why: Bilingual
    visit: str
    form: str

    @property
    def title(self) -> Bilingual:
        """The title of the page on which it is recorded."""
        return FORMS[self.form].title


def shut(dossier: Dossier, visit: str | None, form: str) -> Shut | None:
    """Return why a new page of a form may not be opened at a visit (None: on a log), None where it may."""
    if form not in BEFORE_CONSENT and (lacking := _lacking(dossier)) is not None:
        return Shut(lacking, "SCR", "IC")
    left = withdrawn_on(dossier)
    if left is None or form in AFTER_WITHDRAWAL or visit not in SCHEDULED_FU or dossier.proc_date is None:
        return None
    if window_dates(visit, dossier.proc_date)[0] <= left:
        return None  # it may have taken place before; its own date will tell
    return Shut(
        Bilingual(
            f"Consent was withdrawn on {left}, before this visit: it may not be entered. "
            "What was entered before stays and can be corrected.",
            f"受试者已于{left}撤回知情同意,早于本次访视,不得录入。此前录入的数据保留,可以更正。",
        ),
        "EOS",
        "EXIT",
    )


def _lacking(dossier: Dossier) -> Bilingual | None:
    if dossier.value("ic.consent_obtained") != "Y":
        return NOT_OBTAINED
    return NO_DATE if dossier.value("ic.consent_dt") is None else None


def withdrawn_on(dossier: Dossier) -> date | None:
    """Return the day on which consent was withdrawn, as far as it has been stored."""
    page = dossier.one("EXIT")
    if page is None or not page.revision or page.get("exit_reason") != "WD":
        return None
    found: date | None = page.get("exit_date")
    return found


def collected_after(dossier: Dossier, form: str, values: Mapping[str, Any]) -> str | None:
    """Return the item that says that a page's data were collected after the withdrawal, None otherwise.

    A partial date counts only where every day that it can mean lies after.
    """
    left = withdrawn_on(dossier)
    item = COLLECTED.get(form)
    value = values.get(item) if item else None
    if left is None or item is None or value is None:
        return None
    return item if _earliest(form, item, value) > left else None


def _earliest(form: str, item: str, value: Any) -> date:
    kind = FORMS[form].items()[item]
    if isinstance(kind, PartialDateItem):
        return PartialDate.parse(value).earliest
    if isinstance(kind, DateTimeItem) and isinstance(value, datetime):
        return local_day(value)
    if not isinstance(kind, DateItem) or not isinstance(value, date):
        raise ValueError(f"{form}.{item} is no date")
    return value
