"""Tables that the trail does not watch, each with the reason; a test holds every other to its trigger."""

EXEMPT = {
    "audit_entry": "the trail itself: written by its own functions only, never changed",
    "audit_head": "the heads of the chains: written by the trail's own functions only",
    "audit_clock": "owned by edc_owner; every entry names the clock it was written under",
    "outcomes_result": "derived from the pages, never entered; each row names the entry it has seen",
    "audit_job": "progress of background work: the writes a job makes are recorded under its actor",
    "audit_periodic": "when the clock last asked for each periodic task; nothing that anybody entered",
    "visits_submission": "one-time keys of sent forms; what each form wrote is recorded",
    "visits_draft": "which autosave of a form is still open; made from visits_autosave, which is watched",
    "visits_presence": "who has a page open this minute; nothing that anybody entered",
    "visits_importfile": "a staged file, named by its SHA-256 in the watched row; in no record until loaded",
    "visits_term": "content of a dictionary, named by its SHA-256 in the watched row of visits_dictionary",
    "visits_document": "PDFs rendered from watched tables; making and fetching one are recorded as events",
    "django_migrations": "the owner's list of migrations; no process can write it",
    "django_session": "sign-ins are recorded as events; the rows hold what expires",
    "django_content_type": "names of models, made by migrations",
    "auth_permission": "unused: roles.py is the policy",
    "auth_group": "unused: roles.py is the policy",
    "auth_group_permissions": "unused: roles.py is the policy",
    "account_emailaddress": "made by the sign-in library; addresses of users are in sites_user",
    "account_emailconfirmation": "made by the sign-in library; expires",
    "mfa_authenticator": "secrets of second factors; adding, using and removing one are recorded as events",
    "sites_formerpassword": "hashes of passwords that are no longer good; each change is in sites_user",
    "sites_ratecount": "how often something was asked for; what was refused is recorded as an event",
    "usersessions_usersession": "sign-ins are recorded as events; the rows hold what expires",
    "axes_accessattempt": "counter of failed sign-ins; the failures are recorded as events",
    "axes_accessattemptexpiration": "counter of failed sign-ins; the failures are recorded as events",
    "axes_accessfailurelog": "counter of failed sign-ins; the failures are recorded as events",
    "axes_accesslog": "sign-ins are recorded as events",
}

# Tables with a site whose rows the database shows to everybody, each with the reason (sql/090_sight.sql).
EVERYWHERE = {
    "sites_membership": "read to find out which sites somebody sees",
    "sites_calendarfeed": "found by its secret address, before anybody is known",
}
