"""Let the counter of failed sign-ins keep nothing that was typed or sent, whatever its library writes."""

from django.db import migrations

FORGET = """
CREATE FUNCTION axes_forget() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    NEW.get_data := '';
    NEW.post_data := '';
    NEW.path_info := '';
    RETURN NEW;
END
$$;
UPDATE axes_accessattempt SET get_data = '', post_data = '', path_info = '';
CREATE TRIGGER axes_forget BEFORE INSERT OR UPDATE ON axes_accessattempt
    FOR EACH ROW EXECUTE FUNCTION axes_forget();
ALTER TABLE axes_accessattempt ENABLE ALWAYS TRIGGER axes_forget;
"""


class Migration(migrations.Migration):
    dependencies = [("sites", "0008_subjects_planned"), ("axes", "0010_accessattemptexpiration")]
    operations = [migrations.RunSQL(FORGET, migrations.RunSQL.noop)]
