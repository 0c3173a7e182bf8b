"""Addresses of signing in and of upkeep."""

from allauth.account import views as allauth
from allauth.mfa.base import views as mfa
from django.urls import path

from sites import (
    access_review_view,
    accounts_view,
    factor_view,
    invitation_view,
    key_view,
    profile_view,
    session_list_view,
    session_view,
    upkeep_view,
)
from sites.rates import limited

urlpatterns = [
    path("login/", limited("login", posts_only=True)(allauth.login), name="account_login"),
    path("login/code/", limited("code", posts_only=True)(mfa.authenticate), name="mfa_authenticate"),
    path("invitation/<str:token>/", invitation_view.invitation, name="invitation"),
    path("profile/factor/", factor_view.factor, name="factor"),
    path("profile/keys/", key_view.keys, name="security-keys"),
    path("profile/sessions/", session_list_view.end_session, name="end-session"),
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
    path("accounts/<uuid:user_id>/invitation/", session_list_view.invite, name="invite"),
    path("accounts/<uuid:user_id>/sessions/", session_list_view.end_all, name="end-sessions"),
    path("accounts/<uuid:user_id>/factor/", session_list_view.remove_factor, name="remove-factor"),
    path("accounts/<uuid:user_id>/open/", session_list_view.open_again, name="open-account"),
    path("trainings/", accounts_view.trainings, name="trainings"),
    path("access/", access_review_view.access_review_list, name="access-reviews"),
    path("access/history.csv", access_review_view.access_history, name="access-history"),
    path("access/<uuid:review_id>/", access_review_view.access_review, name="access-review"),
    path("accounts/<uuid:user_id>/password/", accounts_view.give_password, name="give-password"),
]
