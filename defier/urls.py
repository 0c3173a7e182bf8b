"""Every address of the system; each application keeps its own."""

from django.urls import include, path

from defier import dead_letter_page, health, home, job_page, subject_page
from defier.dashboard import dashboard_view

handler400 = "defier.problems.bad_request"
handler403 = "defier.problems.forbidden"
handler404 = "defier.problems.not_found"
handler500 = "defier.problems.failed"

urlpatterns = [
    path("", home.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("jobs/<uuid:job_id>/", job_page.job, name="job"),
    path("jobs/failed/", dead_letter_page.dead_jobs, name="dead-jobs"),
    path("jobs/failed/<uuid:job_id>/", dead_letter_page.dead_job, name="dead-job"),
    path("dashboard/", dashboard_view.dashboard, name="dashboard"),
    path("dashboard/visits.csv", dashboard_view.visits_file, name="dashboard-visits"),
    path("dashboard/<slug:name>/", dashboard_view.dashboard_list, name="dashboard-list"),
    path("subjects/<uuid:subject_id>/", subject_page.subject_page, name="subject"),
    path("", include("sites.urls")),
    path("", include("subjects.urls")),
    path("", include("visits.urls")),
    path("", include("outcomes.urls")),
    path("", include("audit.urls")),
]
