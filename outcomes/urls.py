"""Addresses of what the data say."""

from django.urls import path

from outcomes import amendment_view, results_view, sdv_plan_view, snapshot_view

urlpatterns = [
    path("outcomes/", results_view.results, name="outcomes"),
    path("outcomes/recompute/", results_view.recompute, name="recompute-study"),
    path("verify/plan/", sdv_plan_view.plan, name="sdv-plan"),
    path("snapshots/", snapshot_view.snapshot_list, name="snapshots"),
    path("snapshots/<uuid:snapshot_id>/", snapshot_view.snapshot, name="snapshot"),
    path("snapshots/<uuid:snapshot_id>/<str:name>", snapshot_view.snapshot_file, name="snapshot-file"),
    path("amendments/", amendment_view.amendments, name="amendments"),
    path("amendments/<str:version>/<str:code>/", amendment_view.amendment, name="amendment"),
    path("amendments/<str:version>/<str:code>/report/", amendment_view.report, name="impact-report"),
    path("amendments/<str:version>/<str:code>/approve/", amendment_view.approve, name="approve-impact"),
    path("amendments/<str:version>/<str:code>/on/", amendment_view.switch, name="switch-on"),
    path("outcomes/<uuid:subject_id>/<str:paramcd>/", results_view.why, name="why"),
]
