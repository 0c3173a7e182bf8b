"""What opens an account is for those who sign people in: the role of exports reads no secret (SEC-14)."""

from typing import ClassVar

from django.db import migrations

# Keys of sessions and hashes of passwords let somebody in, or let passwords be tried; a page or an export never
# needs them. The rest of an account (names, roles) stays readable; what is added to it later has to be granted.
WITHHOLD = """
REVOKE SELECT ON django_session, usersessions_usersession, mfa_authenticator, sites_formerpassword,
    sites_invitation, account_emailconfirmation, sites_calendarfeed, axes_accesslog, sites_user FROM edc_read;
DO $$
BEGIN
    EXECUTE (SELECT format('GRANT SELECT (%s) ON sites_user TO edc_read', string_agg(quote_ident(attname), ', '))
               FROM pg_attribute
              WHERE attrelid = 'sites_user'::regclass AND attnum > 0 AND NOT attisdropped
                AND attname <> 'password');
END
$$;
"""
GIVE_BACK = """
GRANT SELECT ON django_session, usersessions_usersession, mfa_authenticator, sites_formerpassword,
    sites_invitation, account_emailconfirmation, sites_calendarfeed, axes_accesslog, sites_user TO edc_read;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("sites", "0010_training_version"),
        ("sessions", "0001_initial"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("usersessions", "0001_initial"),
        ("axes", "0001_initial"),
    ]
    operations: ClassVar = [migrations.RunSQL(WITHHOLD, GIVE_BACK)]
