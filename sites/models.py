"""Where the study is done and by whom: the study itself, its sites, people, products and consent versions."""

import unicodedata
import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from audit.actors import Actor
from audit.context import acting
from protocol.words import Bilingual, T
from sites.reader import said
from sites.roles import Role


def canonical_username(name: str) -> str:
    """Return the one form of a user name under which it counts as taken: NFKC, case folded (ACC-01)."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return unicodedata.normalize("NFKC", folded).strip()


class Study(models.Model):
    """The study as registered, and its configuration; there is one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    nct_id = models.CharField(max_length=11, default="NCT07277218")
    nct_id_in_summary = models.CharField(max_length=11, blank=True, default="")
    org_study_id = models.CharField(max_length=40, blank=True, default="")
    brief_title = models.TextField(blank=True, default="")
    official_title = models.TextField(blank=True, default="")
    title_zh = models.TextField(blank=True, default="")
    sponsor = models.CharField(max_length=200, blank=True, default="")
    organisation = models.CharField(max_length=200, blank=True, default="")
    ethics_committee = models.CharField(max_length=300, blank=True, default="")
    study_type = models.CharField(max_length=40, blank=True, default="")
    target_n = models.PositiveIntegerField(default=578)
    planned_start = models.CharField(max_length=10, blank=True, default="")
    planned_primary_completion = models.CharField(max_length=10, blank=True, default="")
    planned_completion = models.CharField(max_length=10, blank=True, default="")
    eligibility_text = models.TextField(blank=True, default="")
    record = models.JSONField(default=dict)
    config = models.JSONField(default=dict)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="study_is_one")]

    def __str__(self) -> str:
        return self.brief_title or self.nct_id


class Site(models.Model):
    """An institution of the study; `code` is its number in every subject identifier."""

    class Role(models.TextChoices):
        CLINICAL = "CLINICAL"
        STATISTICS = "STATISTICS"
        COORDINATING = "COORDINATING"

    class Status(models.TextChoices):
        PLANNED = "PLANNED"
        ACTIVE = "ACTIVE"
        SUSPENDED = "SUSPENDED"
        CLOSED = "CLOSED"

    code = models.CharField(max_length=2, primary_key=True)
    name_en = models.CharField(max_length=200)
    name_zh = models.CharField(max_length=200)
    city_en = models.CharField(max_length=60)
    city_zh = models.CharField(max_length=60)
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.CLINICAL)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PLANNED)
    ethics_no = models.CharField(max_length=60, blank=True, default="")
    ethics_date = models.DateField(null=True, blank=True)
    ethics_document = models.BooleanField(default=False)
    ethics_covers_study = models.BooleanField(default=False)
    activation_date = models.DateField(null=True, blank=True)
    close_date = models.DateField(null=True, blank=True)
    planned_n = models.PositiveSmallIntegerField(null=True, blank=True)
    """How many subjects the site plans to enrol; empty where nobody has said."""

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return said(self.name)

    @property
    def name(self) -> Bilingual:
        """The institution's name in both languages."""
        return Bilingual(self.name_en, self.name_zh)


class UserManager(BaseUserManager["User"]):
    """Finds people by user name; accounts are made by sites.accounts alone."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(canonical=canonical_username(username or ""))


class User(AbstractBaseUser):
    """One person's account; there are no superusers and no shared accounts (ACC-01, ACL-08)."""

    last_login = None
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    username = models.CharField(max_length=60, unique=True)
    canonical = models.CharField(max_length=120, unique=True, editable=False)
    full_name = models.CharField(max_length=120)
    full_name_zh = models.CharField(max_length=60, blank=True, default="")
    email = models.EmailField(blank=True, default="")
    language = models.CharField(max_length=8, default="en")
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    password_at = models.DateTimeField(null=True, editable=False)
    """Since when the present password holds; where a hospital demands rotation, it runs out from then."""
    single_keys = models.BooleanField(default=True)
    reminders = models.JSONField(blank=True, default=dict)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    def __str__(self) -> str:
        return self.full_name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.canonical = canonical_username(self.username)
        super().save(*args, **kwargs)

    def check_password(self, raw_password: str | None) -> bool:
        """Say whether this is the password; a hash of an older strength is renewed under the trail."""

        def renew(password: str) -> None:
            with acting(by=Actor.system("password strength", origin="web")):
                self.set_password(password)
                self.save(update_fields=["password"])

        return check_password(raw_password, self.password, renew)


class Membership(models.Model):
    """A role that a person holds, at one site or (site empty) in the whole study, for a time."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="memberships")
    role = models.CharField(max_length=16, choices=[(role.value, role.value) for role in Role])
    from_date = models.DateField()
    to_date = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["role", "site_id", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(to_date=None) | Q(to_date__gte=models.F("from_date")),
                name="membership_dates_in_order",
            ),
            models.CheckConstraint(
                condition=~Q(role__in=["COORDINATOR", "INVESTIGATOR"]) | Q(site__isnull=False),
                name="site_roles_have_a_site",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.site_id or ''}".strip()

    @property
    def label(self) -> str:
        """The role in the reader's language, with the number of its site."""
        words = said(Role(self.role).label)
        return f"{words} {self.site_id}" if self.site_id else words


class Delegation(models.Model):
    """What the investigator of a site delegated to a person, for a time (the delegation log)."""

    class Role(models.TextChoices):
        PI = "PI"
        SUBI = "SUBI"
        CRC = "CRC"

    class Task(models.TextChoices):
        CONSENT = "CONSENT"
        ELIGIBILITY = "ELIGIBILITY"
        PROCEDURE = "PROCEDURE"
        ENTRY = "ENTRY"
        SIGNATURE = "SIGNATURE"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="delegations")
    site = models.ForeignKey(Site, models.PROTECT, related_name="delegations")
    role = models.CharField(max_length=4, choices=Role.choices)
    tasks = ArrayField(models.CharField(max_length=12, choices=Task.choices), default=list)
    from_date = models.DateField()
    to_date = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["site_id", "role", "from_date", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(to_date=None) | Q(to_date__gte=models.F("from_date")),
                name="delegation_dates_in_order",
            )
        ]

    def __str__(self) -> str:
        return f"{self.site_id} {self.role}"

    @property
    def words(self) -> str:
        """What the person may do, in the reader's language."""
        tasks = ", ".join(said(TASKS[task]) for task in self.tasks)
        return f"{said(DELEGATED[self.role])}: {tasks}"


DELEGATED: dict[str, Bilingual] = {
    Delegation.Role.PI: T("Principal investigator", "主要研究者"),
    Delegation.Role.SUBI: T("Sub-investigator", "研究者"),
    Delegation.Role.CRC: T("Coordinator", "研究协调员"),
}
TASKS: dict[str, Bilingual] = {
    Delegation.Task.CONSENT: T("obtain consent", "获取知情同意"),
    Delegation.Task.ELIGIBILITY: T("judge eligibility", "判断入选"),
    Delegation.Task.PROCEDURE: T("treat", "实施手术"),
    Delegation.Task.ENTRY: T("enter data", "录入数据"),
    Delegation.Task.SIGNATURE: T("sign", "签名"),
}


class Training(models.Model):
    """A training that a person completed, or a check of identity, and until when it counts (ACC-08).

    `version`: of the protocol and its forms, for a training in them; empty counts as the first version.
    """

    class Kind(models.TextChoices):
        IDENTITY = "IDENTITY"
        GCP = "GCP"
        PROTOCOL = "PROTOCOL"
        EDC = "EDC"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="trainings")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    version = models.CharField(max_length=10, blank=True, default="")
    on_date = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["user_id", "kind", "-on_date", "id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.on_date}"

    @property
    def words(self) -> str:
        """What was learned or checked, in the reader's language, with the version where it is of one."""
        return f"{said(TRAININGS[self.kind])} {self.version}".strip()


TRAININGS: dict[str, Bilingual] = {
    Training.Kind.IDENTITY: T("Identity checked", "身份已核验"),
    Training.Kind.GCP: T("GCP", "GCP"),
    Training.Kind.PROTOCOL: T("Protocol and its forms", "方案及其表单"),
    Training.Kind.EDC: T("This system", "本系统"),
}


class ConsentVersion(models.Model):
    """A version of the consent form that the ethics committee of a site approved from a date on."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, models.PROTECT, related_name="consent_versions")
    version = models.CharField(max_length=20)
    approved_from = models.DateField()
    approved_to = models.DateField(null=True, blank=True)
    reconsent_from = models.DateField(null=True, blank=True)
    """From this day subjects who are in the study and signed an older version have to consent again."""

    class Meta:
        ordering = ["site_id", "approved_from", "version"]
        constraints = [
            models.UniqueConstraint(fields=["site", "version"], name="consent_version_once"),
            models.CheckConstraint(
                condition=Q(approved_to=None) | Q(approved_to__gte=models.F("approved_from")),
                name="consent_version_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(reconsent_from=None) | Q(reconsent_from__gte=models.F("approved_from")),
                name="consent_version_asked_once_approved",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site_id} {self.version}"


class DeviceProduct(models.Model):
    """A product of the device catalogue; which one was used is an answer on the device's page."""

    class Kind(models.TextChoices):
        DCB = "DCB"
        DES = "DES"
        BMS = "BMS"

    code = models.CharField(max_length=20, primary_key=True)
    brand = models.CharField(max_length=80)
    manufacturer = models.CharField(max_length=120)
    kind = models.CharField(max_length=4, choices=Kind.choices)
    drug = models.CharField(max_length=12)
    density_ug_mm2 = models.DecimalField(max_digits=5, decimal_places=3, null=True, blank=True)
    diameters_mm = ArrayField(models.DecimalField(max_digits=3, decimal_places=1), default=list, blank=True)
    lengths_mm = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    registration_no = models.CharField(max_length=60, blank=True, default="")
    site_codes = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    active_from = models.DateField(null=True, blank=True)
    active_to = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["kind", "brand", "code"]

    def __str__(self) -> str:
        return f"{self.brand} ({self.manufacturer})"


from sites.calendars import CalendarFeed, Reminder  # noqa: E402,F401  models of this app
from sites.invitation_records import FormerPassword, Invitation  # noqa: E402,F401  models of this app
from sites.rates import RateCount  # noqa: E402,F401  a model of this app
from sites.review_records import AccessReview, ReviewedRole  # noqa: E402,F401  models of this app
from sites.versions import SiteVersion  # noqa: E402,F401  a model of this app
