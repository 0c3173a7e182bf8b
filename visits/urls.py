"""Addresses of what is collected: the matrix, pages, queries, locks, documents."""

from django.urls import path

from visits import document_view, entry_view, lock_view, matrix_view, page_view, query_view

urlpatterns = [
    path("subjects/", matrix_view.subjects, name="subjects"),
    path("subjects/add/", entry_view.add_subject, name="add-subject"),
    path("subjects/<uuid:subject_id>/eligibility/", entry_view.confirm, name="confirm-eligibility"),
    path("subjects/<uuid:subject_id>/query/", query_view.raise_one, name="raise-query"),
    path("subjects/<uuid:subject_id>/remove/<uuid:page_id>/", entry_view.remove_page, name="remove-page"),
    path("subjects/<uuid:subject_id>/pdf/", document_view.subject_pdf, name="subject-pdf"),
    path("documents/<uuid:document_id>/", document_view.document, name="document"),
    path("subjects/<uuid:subject_id>/<str:visit>/<str:form>/", page_view.page, name="page"),
    path("subjects/<uuid:subject_id>/<str:visit>/<str:form>/not-done/", entry_view.not_done, name="not-done"),
    path("locks/", lock_view.locks, name="locks"),
    path("locks/blockers/", lock_view.blocker_list, name="blockers"),
    path("queries/", query_view.query_list, name="queries"),
    path("queries/<uuid:query_id>/", query_view.query, name="query"),
]
