"""The whole policy on one page: which role may do what, and where (ACL-01, ACL-07).

What is not named here is refused. OWN_SITE: at the site of the membership; ALL_SITES: in the whole study.
Administrators run accounts and sites and see no subject, though two of them can transfer one; monitors and
data managers never change what a site entered, but a data manager puts a page where it belongs and voids a
subject created in error; the committee decides and enters nothing else; the statistician works on locked
snapshots.
"""

from enum import StrEnum

from protocol.words import Bilingual, T


class Role(StrEnum):
    """A role that a person can hold."""

    COORDINATOR = "COORDINATOR"
    INVESTIGATOR = "INVESTIGATOR"
    MONITOR = "MONITOR"
    DATA_MANAGER = "DATA_MANAGER"
    STATISTICIAN = "STATISTICIAN"
    CEC = "CEC"
    CORE_LAB = "CORE_LAB"
    DMC = "DMC"
    INSPECTOR = "INSPECTOR"
    ADMINISTRATOR = "ADMINISTRATOR"

    @property
    def label(self) -> Bilingual:
        """The role in words."""
        return LABELS[self]


LABELS: dict[Role, Bilingual] = {
    Role.COORDINATOR: T("Site coordinator", "研究协调员"),
    Role.INVESTIGATOR: T("Investigator", "研究者"),
    Role.MONITOR: T("Monitor", "监查员"),
    Role.DATA_MANAGER: T("Data manager", "数据管理员"),
    Role.STATISTICIAN: T("Statistician", "统计师"),
    Role.CEC: T("Adjudicator (CEC)", "事件裁定委员"),
    Role.CORE_LAB: T("Core laboratory reader", "核心实验室判读员"),
    Role.DMC: T("Data monitoring committee", "数据监查委员会"),
    Role.INSPECTOR: T("Inspector", "检查员"),
    Role.ADMINISTRATOR: T("Administrator", "系统管理员"),
}


class Scope(StrEnum):
    """Where an action is allowed."""

    OWN_SITE = "OWN_SITE"
    ALL_SITES = "ALL_SITES"


# Where a role is held: at one site, in the whole study, or (not named here) either; at a site it sees that
# site alone.
AT_A_SITE = frozenset({Role.COORDINATOR, Role.INVESTIGATOR})
WHOLE_STUDY = frozenset(
    {Role.DATA_MANAGER, Role.STATISTICIAN, Role.CEC, Role.CORE_LAB, Role.DMC, Role.ADMINISTRATOR}
)
# Roles that one person may hold at a time; any other pair would let somebody check their own work (ACL-07).
TOGETHER = (AT_A_SITE, frozenset({Role.MONITOR, Role.DATA_MANAGER}))


class Action(StrEnum):
    """Something a person may do."""

    SUBJECT_READ = "SUBJECT_READ"
    SUBJECT_SCREEN = "SUBJECT_SCREEN"
    COHORT_READ = "COHORT_READ"
    PAGE_READ = "PAGE_READ"
    PAGE_SAVE = "PAGE_SAVE"
    UPLOAD_READ = "UPLOAD_READ"
    PAGE_MOVE = "PAGE_MOVE"
    NOTE_ADD = "NOTE_ADD"
    SUBJECT_VOID = "SUBJECT_VOID"
    VOIDED_READ = "VOIDED_READ"
    SUBJECT_TRANSFER = "SUBJECT_TRANSFER"
    TRANSFER_READ = "TRANSFER_READ"
    ELIGIBILITY_CONFIRM = "ELIGIBILITY_CONFIRM"
    QUERY_READ = "QUERY_READ"
    QUERY_RAISE = "QUERY_RAISE"
    QUERY_ANSWER = "QUERY_ANSWER"
    QUERY_CLOSE = "QUERY_CLOSE"
    CHECK_READ = "CHECK_READ"
    CHECK_RERUN = "CHECK_RERUN"
    CEC_READ = "CEC_READ"
    CEC_DECIDE = "CEC_DECIDE"
    LOCK = "LOCK"
    LOCK_CONFIRM = "LOCK_CONFIRM"
    LOCK_READ = "LOCK_READ"
    OUTCOMES_POOLED = "OUTCOMES_POOLED"
    OUTCOMES_BY_COHORT = "OUTCOMES_BY_COHORT"
    SUBJECT_ENDPOINTS = "SUBJECT_ENDPOINTS"
    RECOMPUTE_STUDY = "RECOMPUTE_STUDY"
    SNAPSHOT_READ = "SNAPSHOT_READ"
    SNAPSHOT_DOWNLOAD = "SNAPSHOT_DOWNLOAD"
    PDF_REQUEST = "PDF_REQUEST"
    TRAIL_READ = "TRAIL_READ"
    TRAIL_LISTS_READ = "TRAIL_LISTS_READ"
    TRAIL_REVIEW = "TRAIL_REVIEW"
    TRAIL_EXPORT = "TRAIL_EXPORT"
    REDACTION_READ = "REDACTION_READ"
    REDACT = "REDACT"
    SITE_READ = "SITE_READ"
    SITE_EDIT = "SITE_EDIT"
    CATALOGUE_EDIT = "CATALOGUE_EDIT"
    CONSENT_VERSION_EDIT = "CONSENT_VERSION_EDIT"
    STUDY_CONFIGURE = "STUDY_CONFIGURE"
    ETHICS_CONFIRM = "ETHICS_CONFIRM"
    ACCOUNT_READ = "ACCOUNT_READ"
    ACCOUNT_EDIT = "ACCOUNT_EDIT"
    ACCESS_REVIEW = "ACCESS_REVIEW"
    JOB_READ = "JOB_READ"
    JOB_HANDLE = "JOB_HANDLE"
    SAFETY_READ = "SAFETY_READ"
    SAE_REPORT = "SAE_REPORT"
    SAE_FORWARD = "SAE_FORWARD"
    AMENDMENT_READ = "AMENDMENT_READ"
    PROTOCOL_APPROVAL_RECORD = "PROTOCOL_APPROVAL_RECORD"
    IMPACT_REPORT = "IMPACT_REPORT"
    PROTOCOL_SWITCH_ON = "PROTOCOL_SWITCH_ON"
    PAGE_UPGRADE = "PAGE_UPGRADE"
    RESERVED_CORRECT = "RESERVED_CORRECT"
    IMPORT = "IMPORT"
    IMPORT_READ = "IMPORT_READ"
    CODE = "CODE"
    CODING_READ = "CODING_READ"
    SIGN = "SIGN"
    SDV_READ = "SDV_READ"
    SDV_VERIFY = "SDV_VERIFY"
    SDV_PLAN = "SDV_PLAN"
    VISIT_REPORT_READ = "VISIT_REPORT_READ"
    VISIT_REPORT_MAKE = "VISIT_REPORT_MAKE"
    DASHBOARD_READ = "DASHBOARD_READ"


OWN, ALL = Scope.OWN_SITE, Scope.ALL_SITES
A = Action

READS_SUBJECTS = (
    A.SUBJECT_READ,
    A.COHORT_READ,
    A.PAGE_READ,
    A.QUERY_READ,
    A.SUBJECT_ENDPOINTS,
    A.PDF_REQUEST,
    A.SAFETY_READ,
    A.UPLOAD_READ,
)

POLICY: dict[Role, dict[Action, Scope]] = {
    Role.COORDINATOR: {
        **dict.fromkeys(READS_SUBJECTS, OWN),
        A.DASHBOARD_READ: OWN,
        A.TRAIL_READ: OWN,
        **dict.fromkeys((A.PAGE_MOVE, A.NOTE_ADD, A.SAE_REPORT), OWN),
        **dict.fromkeys((A.SUBJECT_SCREEN, A.PAGE_SAVE, A.QUERY_ANSWER, A.OUTCOMES_POOLED, A.SITE_READ), OWN),
    },
    Role.INVESTIGATOR: {
        **dict.fromkeys(READS_SUBJECTS, OWN),
        A.DASHBOARD_READ: OWN,
        **dict.fromkeys((A.PAGE_MOVE, A.NOTE_ADD, A.SAE_REPORT), OWN),
        **dict.fromkeys((A.SUBJECT_SCREEN, A.PAGE_SAVE, A.QUERY_ANSWER, A.OUTCOMES_POOLED, A.SITE_READ), OWN),
        **dict.fromkeys((A.ELIGIBILITY_CONFIRM, A.SIGN, A.TRAIL_READ), OWN),
        **dict.fromkeys((A.TRAIL_EXPORT, A.REDACTION_READ, A.REDACT), OWN),
    },
    Role.MONITOR: {
        **dict.fromkeys(READS_SUBJECTS, ALL),
        A.DASHBOARD_READ: ALL,
        **dict.fromkeys((A.TRAIL_LISTS_READ, A.TRAIL_REVIEW), ALL),
        **dict.fromkeys((A.SDV_READ, A.SDV_VERIFY, A.VISIT_REPORT_READ, A.VISIT_REPORT_MAKE), ALL),
        A.NOTE_ADD: ALL,
        **dict.fromkeys((A.QUERY_RAISE, A.QUERY_CLOSE, A.TRAIL_READ, A.SITE_READ, A.ETHICS_CONFIRM), ALL),
    },
    Role.DATA_MANAGER: {
        **dict.fromkeys(READS_SUBJECTS, ALL),
        A.DASHBOARD_READ: ALL,
        **dict.fromkeys((A.TRAIL_LISTS_READ, A.TRAIL_REVIEW, A.TRAIL_EXPORT), ALL),
        **dict.fromkeys((A.REDACTION_READ, A.REDACT), ALL),
        **dict.fromkeys((A.SDV_READ, A.SDV_PLAN, A.VISIT_REPORT_READ), ALL),
        **dict.fromkeys((A.PAGE_MOVE, A.NOTE_ADD, A.SUBJECT_VOID, A.VOIDED_READ, A.TRANSFER_READ), ALL),
        A.SAE_FORWARD: ALL,
        **dict.fromkeys((A.QUERY_RAISE, A.QUERY_CLOSE, A.SNAPSHOT_READ), ALL),
        **dict.fromkeys((A.LOCK, A.LOCK_CONFIRM, A.LOCK_READ), ALL),
        **dict.fromkeys((A.CHECK_READ, A.CHECK_RERUN), ALL),
        **dict.fromkeys((A.CEC_READ, A.TRAIL_READ, A.JOB_READ, A.RECOMPUTE_STUDY, A.OUTCOMES_POOLED), ALL),
        A.JOB_HANDLE: ALL,
        **dict.fromkeys((A.SITE_READ, A.SITE_EDIT, A.CATALOGUE_EDIT, A.CONSENT_VERSION_EDIT), ALL),
        **dict.fromkeys((A.STUDY_CONFIGURE, A.ACCOUNT_READ), ALL),
        **dict.fromkeys((A.AMENDMENT_READ, A.PROTOCOL_APPROVAL_RECORD, A.IMPACT_REPORT), ALL),
        **dict.fromkeys((A.PROTOCOL_SWITCH_ON, A.PAGE_UPGRADE, A.IMPORT, A.IMPORT_READ), ALL),
        **dict.fromkeys((A.CODE, A.CODING_READ), ALL),
        A.RESERVED_CORRECT: ALL,
        A.ACCESS_REVIEW: ALL,
    },
    Role.STATISTICIAN: dict.fromkeys(
        (
            A.COHORT_READ,
            A.SNAPSHOT_READ,
            A.SNAPSHOT_DOWNLOAD,
            A.OUTCOMES_POOLED,
            A.OUTCOMES_BY_COHORT,
            A.SUBJECT_ENDPOINTS,
            A.RECOMPUTE_STUDY,
            A.LOCK_READ,
            A.LOCK_CONFIRM,
        ),
        ALL,
    ),
    # Blind to the cohort: no subject page, no matrix, no page of a device (visits.blinding).
    Role.CEC: dict.fromkeys((A.PAGE_READ, A.CEC_READ, A.CEC_DECIDE, A.OUTCOMES_POOLED), ALL),
    Role.CORE_LAB: {},
    Role.DMC: dict.fromkeys((A.COHORT_READ, A.OUTCOMES_BY_COHORT, A.OUTCOMES_POOLED), ALL),
    Role.INSPECTOR: {
        **dict.fromkeys(READS_SUBJECTS, ALL),
        A.DASHBOARD_READ: ALL,
        **dict.fromkeys((A.TRAIL_LISTS_READ, A.TRAIL_EXPORT, A.REDACTION_READ), ALL),
        **dict.fromkeys((A.SDV_READ, A.VISIT_REPORT_READ), ALL),
        **dict.fromkeys((A.VOIDED_READ, A.TRANSFER_READ), ALL),
        **dict.fromkeys((A.CEC_READ, A.TRAIL_READ, A.LOCK_READ, A.SNAPSHOT_READ, A.SITE_READ), ALL),
        **dict.fromkeys((A.OUTCOMES_POOLED, A.JOB_READ, A.ACCOUNT_READ, A.AMENDMENT_READ), ALL),
        **dict.fromkeys((A.IMPORT_READ, A.CHECK_READ), ALL),
    },
    Role.ADMINISTRATOR: dict.fromkeys(
        (
            A.SUBJECT_TRANSFER,
            A.TRANSFER_READ,
            A.SITE_READ,
            A.SITE_EDIT,
            A.CATALOGUE_EDIT,
            A.CONSENT_VERSION_EDIT,
            A.ACCOUNT_READ,
            A.ACCOUNT_EDIT,
            A.ACCESS_REVIEW,
            A.JOB_READ,
            A.JOB_HANDLE,
            A.AMENDMENT_READ,
            A.PROTOCOL_APPROVAL_RECORD,
        ),
        ALL,
    ),
}
