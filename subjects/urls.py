"""Addresses of subjects: the search of the top bar."""

from django.urls import path

from subjects import find_view

urlpatterns = [path("find/", find_view.find, name="find-subject")]
