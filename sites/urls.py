"""Addresses of signing in and of upkeep."""

from allauth.account import views as allauth
from django.urls import path

from sites import session_view, upkeep_view

urlpatterns = [
    path("login/", allauth.login, name="account_login"),
    path("logout/", allauth.logout, name="account_logout"),
    path("language/", session_view.language, name="language"),
    path("role/", session_view.role, name="role"),
    path("sites/", upkeep_view.site_list, name="sites"),
    path("sites/<str:code>/", upkeep_view.site, name="site"),
    path("devices/", upkeep_view.devices, name="devices"),
    path("consents/", upkeep_view.consents, name="consents"),
    path("study/", upkeep_view.study, name="study"),
    path("accounts/", upkeep_view.accounts, name="accounts"),
    path("accounts/<uuid:user_id>/", upkeep_view.account, name="account"),
]
