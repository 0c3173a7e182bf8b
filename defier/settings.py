"""Settings: all of them come from the environment, or from the addresses that `make run` left in var/.

Nothing here starts a server. Names of the environment are listed in README.md.
"""

import os
from datetime import timedelta
from pathlib import Path

from celery.schedules import crontab
from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from defier import addresses, logs

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = addresses.var_folder()
ENVIRONMENT = {**addresses.read(), **os.environ}


def flag(name: str, default: bool = False) -> bool:
    return ENVIRONMENT.get(name, str(int(default))).lower() in ("1", "true", "yes", "on")


# --- the study ---------------------------------------------------------------------------------------------
DEMO = flag("DEMO")
MFA_REQUIRED = flag("MFA_REQUIRED", default=not DEMO)
DISPLAY_ZONE = "Asia/Shanghai"
REPOSITORY_VERSION = ENVIRONMENT.get("EDC_VERSION", "")

# --- secrets and hosts -------------------------------------------------------------------------------------
DEBUG = False
# Empty only for commands that need none (collectstatic, compilecatalog); the web process refuses to start.
SECRET_KEY = ENVIRONMENT.get("SECRET_KEY", "")
SECRET_KEY_FALLBACKS = [key for key in ENVIRONMENT.get("SECRET_KEY_FALLBACKS", "").split(",") if key]
ALLOWED_HOSTS = ENVIRONMENT.get("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
HTTPS = flag("HTTPS")
CSRF_TRUSTED_ORIGINS = [origin for origin in ENVIRONMENT.get("CSRF_TRUSTED_ORIGINS", "").split(",") if origin]
if HTTPS:  # the proxy of docker-compose.yml sets this header itself and drops the client's
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- applications ------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "defier",
    "outcomes",
    "visits",
    "subjects",
    "sites",
    "audit",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "defier.middleware.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "defier.middleware.LimitsMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "sites.timeouts.TimeoutMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "sites.access.ActorMiddleware",
    "sites.protected.ProtectedNamesMiddleware",
    "sites.sight.SightMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "defier.urls"
WSGI_APPLICATION = "defier.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "defier.context.shell",
            ]
        },
    },
    {
        "NAME": "jinja2",
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {"environment": "visits.pages.rows.environment"},
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- database and broker -----------------------------------------------------------------------------------
# Row-level security by site (ACL-02): with 0 web and workers declare the whole study, as the owner does.
ROW_SECURITY = flag("ROW_SECURITY", default=True)
DATABASES = {
    alias: addresses.database(
        ENVIRONMENT[name], environment=ENVIRONMENT, whole_study=alias == "owner" or not ROW_SECURITY
    )
    for alias, name in (
        ("default", "DATABASE_URL"),
        ("owner", "DATABASE_OWNER_URL"),
        ("reader", "DATABASE_READ_URL"),
    )
    if ENVIRONMENT.get(name)
}
DATABASES.setdefault("default", {"ENGINE": "django.db.backends.dummy"})
REDIS_URL = ENVIRONMENT.get("REDIS_URL", "")
# What has to be on before anybody may enter data (BCK-04); /readyz says so.
DURABILITY = ["fsync", "full_page_writes", "synchronous_commit", "data_checksums"]

# In each process's memory: nothing that matters is kept in a cache, and nothing pickled travels (SEC-18).
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

CELERY_BROKER_URL = REDIS_URL or None
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_RESULT_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
# On: a task that kills its worker would come back for ever. Off: the sweeper sends it again, three times.
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_TASK_TIME_LIMIT = 900
CELERY_TASK_SOFT_TIME_LIMIT = 840
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 1200,
    "socket_connect_timeout": 2,
    "socket_timeout": 10,
    "max_retries": 1,
    # A broker that is down costs a save 0.1 s, not 2: the sweeper sends again anyway.
    "interval_start": 0,
    "interval_step": 0.1,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # for ever: after Celery's hundred a worker would end
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 1_000_000
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "access_day": {"task": "sites.access_day", "schedule": crontab(minute="50", hour="22")},
    "sweep": {"task": "audit.sweep", "schedule": 15.0, "options": {"expires": 15}},
    "prune_day": {"task": "audit.prune_day", "schedule": crontab(minute="10", hour="19")},
    "safety_hour": {"task": "visits.safety_hour", "schedule": crontab(minute="7")},
    "check_night": {"task": "visits.check_night", "schedule": crontab(minute="40", hour="17")},
    "relock": {"task": "visits.relock", "schedule": crontab(minute="*/5")},
    "reminders_day": {"task": "visits.reminders_day", "schedule": crontab(minute="35", hour="23")},
    "digest_day": {"task": "audit.digest_day", "schedule": crontab(minute="15", hour="17")},
    "deviations_night": {"task": "visits.deviations_night", "schedule": crontab(minute="20", hour="18")},
}

# --- accounts ----------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "sites.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
    )
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"
ACCOUNT_ADAPTER = "sites.login.Adapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_RATE_LIMITS = False  # allauth counts in each process's memory; sites.rates counts in PostgreSQL
ACCOUNT_SESSION_REMEMBER = False
# Counted per account, whatever the address, in PostgreSQL (ACC-04).
AXES_HANDLER = "axes.handlers.database.AxesDatabaseHandler"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=30)
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_USERNAME_CALLABLE = "sites.lockout.counted_as"  # digests: whatever was typed into that box is not kept
AXES_RESET_ON_SUCCESS = True
# Days after which a password runs out; 0: never, as it should be where a second factor is demanded (ACC-03).
PASSWORD_DAYS = int(ENVIRONMENT.get("PASSWORD_DAYS", "0"))
# Days without a sign-in after which an account is shut; 0 (the demo, where nobody ever came): never (ACC-09).
DORMANT_DAYS = int(ENVIRONMENT.get("DORMANT_DAYS", "0" if DEMO else "90"))
MFA_ADAPTER = "sites.factors.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_FORMS = {
    "authenticate": "sites.factors.CodeForm",
    "authenticate_webauthn": "sites.security_keys.KeyForm",
}
MFA_TOTP_TOLERANCE = 1  # a phone's clock may be one step off
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
AXES_HTTP_RESPONSE_CODE = 429
AXES_ENABLE_ADMIN = False
AXES_DISABLE_ACCESS_LOG = True
AXES_LOCKOUT_TEMPLATE = "account/locked.html"
AXES_VERBOSE = False
AXES_IPWARE_PROXY_COUNT = 1 if HTTPS else 0
SILENCED_SYSTEM_CHECKS = ["axes.W006"]  # it wants the address to count as well; our rule is stricter
# Mail goes to the server that the environment names; without one (the demo) it is written to files.
EMAIL_HOST = ENVIRONMENT.get("EMAIL_HOST", "")
EMAIL_PORT = int(ENVIRONMENT.get("EMAIL_PORT", "25"))
EMAIL_HOST_USER = ENVIRONMENT.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = ENVIRONMENT.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = ENVIRONMENT.get("EMAIL_USE_TLS", "") == "1"
EMAIL_TIMEOUT = 20
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'filebased'}.EmailBackend"
EMAIL_FILE_PATH = addresses.var_folder() / "mail"
DEFAULT_FROM_EMAIL = ENVIRONMENT.get("EMAIL_FROM", "defier@localhost")
PUBLIC_ADDRESS = ENVIRONMENT.get("PUBLIC_ADDRESS", "")

# --- the digest of the trail (AUD-07) ----------------------------------------------------------------------
DIGEST_KEY = ENVIRONMENT.get("DIGEST_KEY", str(VAR / "digest.key"))
DIGEST_FOLDER = ENVIRONMENT.get("DIGEST_FOLDER", str(VAR / "digests"))
DIGEST_MAIL_TO = [address for address in ENVIRONMENT.get("DIGEST_MAIL_TO", "").split(",") if address]
DIGEST_DELIVERY = ENVIRONMENT.get(
    "DIGEST_DELIVERY", "audit.delivery.to_folder" + (",audit.delivery.by_mail" if DIGEST_MAIL_TO else "")
).split(",")

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 12 * 3600
SESSION_IDLE_SECONDS = int(ENVIRONMENT.get("SESSION_IDLE_SECONDS", "900"))
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_FAILURE_VIEW = "defier.problems.csrf_failure"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_HTTPONLY = True

# --- the browser -------------------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = False  # the proxy redirects
SECURE_HSTS_SECONDS = 2 * 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [NONCE],  # a script runs only if the page that names it was told to by this answer
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}
# A grid of laboratory values or an examination of three lesions is one form; Django's limit is 1000 fields.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 20
REQUEST_MAX_BYTES = 25 * 1024 * 1024
# A function that takes the bytes of an uploaded file and says whether they are clean; none: no quarantine.
FILE_SCANNER = ENVIRONMENT.get("FILE_SCANNER", "")

# --- files that the browser fetches ------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "static_root"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Hashed names need `collectstatic` first, which `make run` and the image do; tests serve the sources.
STATIC_HASHED = flag("STATIC_HASHED")
WHITENOISE_USE_FINDERS = not STATIC_HASHED
WHITENOISE_AUTOREFRESH = not STATIC_HASHED
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(VAR / "files"), "base_url": None},
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_HASHED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# --- language and time -------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- logs --------------------------------------------------------------------------------------------------
logs.configure()
LOGGING = logs.logging(level=ENVIRONMENT.get("LOG_LEVEL", "INFO"))
