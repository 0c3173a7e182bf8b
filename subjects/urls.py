"""Addresses of subjects: the search of the top bar, transfers between sites."""

from django.urls import path

from subjects import find_view, transfer_view

urlpatterns = [
    path("find/", find_view.find, name="find-subject"),
    path("transfers/", transfer_view.transfers, name="transfers"),
    path("transfers/<uuid:transfer_id>/", transfer_view.transfer, name="transfer"),
]
