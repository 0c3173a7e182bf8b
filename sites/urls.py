"""Addresses of signing in and of upkeep."""

from allauth.account import views as allauth
from django.urls import path

from sites import accounts_view, profile_view, session_view, upkeep_view

urlpatterns = [
    path("login/", allauth.login, name="account_login"),
    path("logout/", allauth.logout, name="account_logout"),
    path("password/", session_view.password, name="password"),
    path("session/", session_view.session, name="session"),
    path("language/", session_view.language, name="language"),
    path("profile/", profile_view.profile, name="profile"),
    path("role/", session_view.role, name="role"),
    path("sites/", upkeep_view.site_list, name="sites"),
    path("sites/<str:code>/", upkeep_view.site, name="site"),
    path("sites/<str:code>/ethics/", upkeep_view.confirm_ethics, name="confirm-ethics"),
    path("sites/<str:code>/delegations/", upkeep_view.delegate, name="delegate"),
    path(
        "sites/<str:code>/delegations/<uuid:delegation_id>/end/",
        upkeep_view.end_delegation,
        name="end-delegation",
    ),
    path("devices/", upkeep_view.devices, name="devices"),
    path("devices/<str:code>/", upkeep_view.device, name="device"),
    path("consents/", upkeep_view.consents, name="consents"),
    path("consents/<uuid:consent_id>/", upkeep_view.consent, name="consent"),
    path("study/", upkeep_view.study, name="study"),
    path("accounts/", accounts_view.account_list, name="accounts"),
    path("accounts/<uuid:user_id>/", accounts_view.account, name="account"),
    path("accounts/<uuid:user_id>/roles/", accounts_view.grant, name="grant-role"),
    path("accounts/<uuid:user_id>/roles/<uuid:membership_id>/end/", accounts_view.end_role, name="end-role"),
    path("accounts/<uuid:user_id>/trainings/", accounts_view.train, name="add-training"),
    path("accounts/<uuid:user_id>/password/", accounts_view.give_password, name="give-password"),
]
