"""Addresses of what the data say."""

from django.urls import path

from outcomes import results_view, snapshot_view

urlpatterns = [
    path("outcomes/", results_view.results, name="outcomes"),
    path("outcomes/recompute/", results_view.recompute, name="recompute-study"),
    path("snapshots/", snapshot_view.snapshot_list, name="snapshots"),
    path("snapshots/<uuid:snapshot_id>/", snapshot_view.snapshot, name="snapshot"),
    path("snapshots/<uuid:snapshot_id>/<str:name>", snapshot_view.snapshot_file, name="snapshot-file"),
    path("outcomes/<uuid:subject_id>/<str:paramcd>/", results_view.why, name="why"),
]
