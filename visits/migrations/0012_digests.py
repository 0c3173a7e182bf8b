"""Give every typed row the digest of what it says, and one view over all of them (SIG-02)."""

from pathlib import Path

from django.db import migrations, models

FORMS = (
    *("abi", "ae", "amp", "bcs", "bms", "cec", "cm", "dcb", "dd", "des", "disc", "dm", "dth", "dus", "dv"),
    *("exit", "fu", "ic", "icre", "ie", "img", "lb", "les", "lh", "mh", "pp", "pr", "prl", "ps", "rev", "xr"),
)
CLASSES = (
    *("LimbPressures", "AdverseEvent", "Amputation", "BaselineClinicalStatus", "BareMetalStent"),
    *("Adjudication", "Medication", "DrugCoatedBalloon", "DeviceDeficiency", "DrugElutingStent", "Discharge"),
    *("Demographics", "Death", "Duplex", "Deviation", "StudyExit", "FollowUp", "Consent", "ReConsent"),
    *("Eligibility", "FollowUpImaging", "Laboratory", "Lesion", "IndexLimbHistory", "MedicalHistory"),
    *("PostProcedure", "IndexProcedure", "LesionTreatment", "PriorStent", "Revascularisation", "StentXray"),
)
ROWS = " UNION ALL ".join(f"SELECT page_id, subject_id, digest FROM crf_{form}" for form in FORMS)  # noqa: S608


class Migration(migrations.Migration):
    dependencies = [("visits", "0011_coding"), ("audit", "0003_without_digests")]
    operations = [
        *[
            migrations.AddField(name, "digest", models.CharField(max_length=64, default="", editable=False))
            for name in CLASSES
        ],
        migrations.RunSQL(
            (Path(__file__).parent.parent / "sql" / "digest.sql").read_text(encoding="utf-8"),
            migrations.RunSQL.noop,
        ),
        *[migrations.RunSQL(f"SELECT digest_attach('crf_{form}')", migrations.RunSQL.noop) for form in FORMS],
        migrations.RunSQL(
            f"CREATE VIEW visits_digest WITH (security_invoker = true) AS {ROWS};"  # noqa: S608
            "GRANT SELECT ON visits_digest TO edc_app, edc_read;"
            "REVOKE INSERT, UPDATE, DELETE ON visits_digest FROM edc_app",
            "DROP VIEW visits_digest",
        ),
    ]
