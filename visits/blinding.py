"""Which forms a person may open who must not learn the cohort (protocol §3.31, ACL-05)."""

from audit.actors import Actor
from sites.access import can
from sites.roles import Action
from visits.crfs import FORMS

# Nothing on these pages names the study device; what was planned or used stands on the others.
BLIND = frozenset({"REV", "AMP", "DTH", "AE", "FU", "ABI", "DUS", "IMG", "CEC"})


def forms_open_to(by: Actor) -> frozenset[str]:
    """Return the forms that this person may open: all, or those that do not give the cohort away."""
    found = frozenset(FORMS) if can(by, Action.COHORT_READ) else BLIND
    return found if can(by, Action.CEC_READ) else found - {"CEC"}
