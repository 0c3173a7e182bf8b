"""Addresses of what the data say."""

from django.urls import path

from outcomes import results_view

urlpatterns = [
    path("outcomes/", results_view.results, name="outcomes"),
    path("outcomes/recompute/", results_view.recompute, name="recompute-study"),
    path("outcomes/<uuid:subject_id>/<str:paramcd>/", results_view.why, name="why"),
]
