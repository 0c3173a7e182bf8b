"""Addresses of what is collected: the matrix, pages, queries, locks, documents."""

from django.urls import path

from visits.arranging import (
    missed_view,
    moving_view,
    note_view,
    reserved_view,
    upgrade_view,
    voiding_view,
)
from visits.calendar import calendar_view
from visits.coding import coding_view
from visits.imports import import_view
from visits.overview import matrix_view
from visits.pages import draft_view, eligibility_view, entry_view, leg_view, page_view
from visits.printing import document_view
from visits.review import check_view, lock_view, query_view, unlock_view
from visits.review.sdv import report_view, sdv_view
from visits.review.signing import console_view
from visits.safety import safety_view
from visits.trail import export_view, trail_view
from visits.uploads import upload_view

urlpatterns = [
    path("trail/", trail_view.trail, name="trail"),
    path("trail/export/", export_view.trail_export, name="trail-export"),
    path("trail/redactions/", export_view.redactions, name="redactions"),
    path("trail/redactions/<uuid:redaction_id>/", export_view.redaction, name="redaction"),
    path("trail/<slug:name>/", trail_view.trail_list, name="trail-list"),
    path("subjects/<uuid:subject_id>/trail/", trail_view.subject, name="subject-trail"),
    path("subjects/<uuid:subject_id>/trail/<uuid:page_id>/", trail_view.page, name="page-trail"),
    path("subjects/<uuid:subject_id>/trail/<uuid:page_id>/<slug:item>/", trail_view.item, name="item-trail"),
    path(
        "subjects/<uuid:subject_id>/redact/<uuid:page_id>/<int:n>/<slug:item>/",
        export_view.redact,
        name="redact",
    ),
    path("subjects/", matrix_view.subjects, name="subjects"),
    path("subjects/add/", entry_view.add_subject, name="add-subject"),
    path("subjects/<uuid:subject_id>/eligibility/", entry_view.confirm, name="confirm-eligibility"),
    path("subjects/<uuid:subject_id>/query/", query_view.raise_one, name="raise-query"),
    path("subjects/<uuid:subject_id>/remove/<uuid:page_id>/", entry_view.remove_page, name="remove-page"),
    path("subjects/<uuid:subject_id>/restore/<uuid:page_id>/", entry_view.restore_page, name="restore-page"),
    path("subjects/<uuid:subject_id>/move/<uuid:page_id>/", moving_view.move, name="move-page"),
    path(
        "subjects/<uuid:subject_id>/upgrade/<uuid:page_id>/", upgrade_view.upgrade_page, name="upgrade-page"
    ),
    path("subjects/<uuid:subject_id>/note/<uuid:page_id>/", note_view.note, name="add-note"),
    path(
        "subjects/<uuid:subject_id>/correct/<uuid:page_id>/", reserved_view.correct, name="correct-reserved"
    ),
    path("subjects/<uuid:subject_id>/void/", voiding_view.void, name="void-subject"),
    path("voided/", voiding_view.voided, name="voided"),
    path("voided/<uuid:subject_id>/", voiding_view.voided_subject, name="voided-subject"),
    path("subjects/<uuid:subject_id>/pdf/", document_view.subject_pdf, name="subject-pdf"),
    path("documents/<uuid:document_id>/", document_view.document, name="document"),
    path("safety/", safety_view.safety, name="safety"),
    path("safety/reports/<uuid:report_id>/pdf/", safety_view.report_pdf, name="sae-report-pdf"),
    path("subjects/<uuid:subject_id>/sae/<uuid:page_id>/", safety_view.report, name="report-sae"),
    path("subjects/<uuid:subject_id>/sae/<uuid:page_id>/told/", safety_view.forward, name="forward-sae"),
    path("subjects/<uuid:subject_id>/<str:visit>/missed/", missed_view.missed, name="visit-missed"),
    path("subjects/<uuid:subject_id>/<str:visit>/<str:form>/", page_view.page, name="page"),
    path("subjects/<uuid:subject_id>/<str:visit>/<str:form>/draft/", draft_view.draft, name="draft"),
    path("subjects/<uuid:subject_id>/<str:visit>/<str:form>/not-done/", entry_view.not_done, name="not-done"),
    path("subjects/<uuid:subject_id>/files/", upload_view.files, name="files"),
    path("files/<uuid:upload_id>/", upload_view.take_file, name="file"),
    path("calendar/", calendar_view.calendar, name="calendar"),
    path("calendar/<str:code>.ics", calendar_view.download, name="calendar-file"),
    path("calendar/<str:code>/feed/", calendar_view.feed, name="calendar-address"),
    path("calendar/feed/<str:token>.ics", calendar_view.by_token, name="calendar-feed"),
    path("imports/", import_view.imports, name="imports"),
    path("imports/<uuid:import_id>/", import_view.one_import, name="import"),
    path("imports/template/<str:form>.<str:kind>", import_view.import_template, name="import-template"),
    path("subjects/<uuid:subject_id>/<str:visit>/<str:form>/leg/", leg_view.typed_leg, name="typed-leg"),
    path("subjects/<uuid:subject_id>/criteria/", eligibility_view.eligibility, name="eligibility"),
    path("coding/", coding_view.coding, name="coding"),
    path("coding/dictionaries/", coding_view.dictionary_list, name="dictionaries"),
    path("coding/<uuid:page_id>/", coding_view.choose_term, name="choose-term"),
    path("verify/", sdv_view.verify, name="verify"),
    path("verify/visits/", report_view.visit_reports, name="visit-reports"),
    path("verify/visits/<uuid:report_id>/", report_view.visit_report, name="visit-report"),
    path("subjects/<uuid:subject_id>/verify/", sdv_view.verify_items, name="verify-items"),
    path(
        "subjects/<uuid:subject_id>/verify/<uuid:mark_id>/withdraw/",
        sdv_view.withdraw_mark,
        name="withdraw-mark",
    ),
    path("signing/", console_view.signing, name="signing"),
    path("signing/<uuid:subject_id>/", console_view.signing_subject, name="signing-subject"),
    path("signing/withdraw/<uuid:page_id>/", console_view.withdraw_signature, name="withdraw-signature"),
    path("locks/", lock_view.locks, name="locks"),
    path("locks/final/", unlock_view.propose, name="propose-lock"),
    path("locks/final/<uuid:proposal_id>/", unlock_view.decide_proposal, name="decide-lock"),
    path("locks/unlocks/<uuid:unlock_id>/", unlock_view.one_unlock, name="unlock"),
    path("locks/<uuid:lock_id>/", unlock_view.one_lock, name="lock"),
    path("locks/blockers/", lock_view.blocker_list, name="blockers"),
    path("locks/remind/", lock_view.remind, name="remind-owner"),
    path("checks/", check_view.checks, name="checks"),
    path("checks/rerun/", check_view.rerun, name="rerun-checks"),
    path("checks/settle/", check_view.settle, name="settle-candidates"),
    path("queries/", query_view.query_list, name="queries"),
    path("queries/raise/", query_view.raise_many, name="raise-queries"),
    path("queries/<uuid:query_id>/", query_view.query, name="query"),
]
