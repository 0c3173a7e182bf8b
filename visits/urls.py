"""Addresses of what is collected: the matrix, pages, queries, locks, documents."""

from django.urls import path

from visits import (
    check_view,
    document_view,
    draft_view,
    entry_view,
    import_view,
    leg_view,
    lock_view,
    matrix_view,
    page_view,
    query_view,
    safety_view,
)

urlpatterns = [
    path("subjects/", matrix_view.subjects, name="subjects"),
    path("subjects/add/", entry_view.add_subject, name="add-subject"),
    path("subjects/<uuid:subject_id>/eligibility/", entry_view.confirm, name="confirm-eligibility"),
    path("subjects/<uuid:subject_id>/query/", query_view.raise_one, name="raise-query"),
    path("subjects/<uuid:subject_id>/remove/<uuid:page_id>/", entry_view.remove_page, name="remove-page"),
    path("subjects/<uuid:subject_id>/restore/<uuid:page_id>/", entry_view.restore_page, name="restore-page"),
    path("subjects/<uuid:subject_id>/pdf/", document_view.subject_pdf, name="subject-pdf"),
    path("documents/<uuid:document_id>/", document_view.document, name="document"),
    path("safety/", safety_view.safety, name="safety"),
    path("safety/reports/<uuid:report_id>/pdf/", safety_view.report_pdf, name="sae-report-pdf"),
    path("subjects/<uuid:subject_id>/sae/<uuid:page_id>/", safety_view.report, name="report-sae"),
    path("subjects/<uuid:subject_id>/sae/<uuid:page_id>/told/", safety_view.forward, name="forward-sae"),
    path("subjects/<uuid:subject_id>/<str:visit>/<str:form>/", page_view.page, name="page"),
    path("subjects/<uuid:subject_id>/<str:visit>/<str:form>/draft/", draft_view.draft, name="draft"),
    path("subjects/<uuid:subject_id>/<str:visit>/<str:form>/not-done/", entry_view.not_done, name="not-done"),
    path("imports/", import_view.imports, name="imports"),
    path("imports/<uuid:import_id>/", import_view.one_import, name="import"),
    path("imports/template/<str:form>.<str:kind>", import_view.import_template, name="import-template"),
    path("subjects/<uuid:subject_id>/<str:visit>/<str:form>/leg/", leg_view.typed_leg, name="typed-leg"),
    path("locks/", lock_view.locks, name="locks"),
    path("locks/blockers/", lock_view.blocker_list, name="blockers"),
    path("checks/", check_view.checks, name="checks"),
    path("checks/rerun/", check_view.rerun, name="rerun-checks"),
    path("checks/settle/", check_view.settle, name="settle-candidates"),
    path("queries/", query_view.query_list, name="queries"),
    path("queries/<uuid:query_id>/", query_view.query, name="query"),
]
