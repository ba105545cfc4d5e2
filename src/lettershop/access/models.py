"""The records of this room. Secrets are kept as SHA-256 only (see `secret.py`); instants are aware
datetimes. Nothing here is ever deleted but what has run out: a revoked key keeps its row.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from lettershop.access.chain import GENESIS, entry_hash, one_writer
from lettershop.access.principal import ROLES, Principal, Role

if TYPE_CHECKING:  # generic in the stubs only
    from django.db.models.fields.related_descriptors import RelatedManager

SOURCE_KINDS = ("website", "server", "import", "api")
NAME = 100
"""Most characters of a name people give."""


class User(AbstractBaseUser):
    """A person who signs in. `email` is the name, in lower case; addresses stay after `disable`.
    `language`, `zone` (IANA) and `theme` are how pages are shown to them; empty: as their browser
    and the workspace have it."""

    email: models.EmailField[str, str] = models.EmailField(max_length=254, unique=True)
    role: models.CharField[Role, Role] = models.CharField(
        max_length=10, choices=[(r, r) for r in ROLES]
    )
    active: models.BooleanField[bool, bool] = models.BooleanField(default=True)
    created: models.DateTimeField[datetime, datetime] = models.DateTimeField(default=timezone.now)
    language: models.CharField[str, str] = models.CharField(max_length=10, default="", blank=True)
    zone: models.CharField[str, str] = models.CharField(max_length=64, default="", blank=True)
    theme: models.CharField[str, str] = models.CharField(max_length=5, default="", blank=True)

    objects = BaseUserManager["User"]()

    USERNAME_FIELD = "email"

    class Meta:
        ordering = ("email",)

    @property
    def is_active(self) -> bool:  # type: ignore[override]  # Django's constant; ours is a column
        return self.active

    @property
    def principal(self) -> Principal:
        return Principal(self.email, self.role, "user")


class Token(models.Model):
    """An API token of a program. `hash`: the secret's hex SHA-256; `prefix`: what is shown."""

    name: models.CharField[str, str] = models.CharField(max_length=NAME)
    role: models.CharField[Role, Role] = models.CharField(
        max_length=10, choices=[(r, r) for r in ROLES]
    )
    hash: models.CharField[str, str] = models.CharField(max_length=64, unique=True)
    prefix: models.CharField[str, str] = models.CharField(max_length=20)
    created_by: models.CharField[str, str] = models.CharField(max_length=254)
    created: models.DateTimeField[datetime, datetime] = models.DateTimeField(default=timezone.now)
    expires: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(
        null=True
    )
    last_used: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(
        null=True
    )
    revoked: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(
        null=True
    )

    class Meta:
        ordering = ("name", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("name",), condition=Q(revoked__isnull=True), name="one_living_token"
            ),
        )


class Source(models.Model):
    """Something that sends us facts. `last_used`: when the last accepted request came."""

    name: models.SlugField[str, str] = models.SlugField(max_length=NAME, unique=True)
    kind: models.CharField[str, str] = models.CharField(
        max_length=10, choices=[(k, k) for k in SOURCE_KINDS]
    )
    created: models.DateTimeField[datetime, datetime] = models.DateTimeField(default=timezone.now)
    last_used: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(
        null=True
    )

    keys: RelatedManager[WriteKey]

    class Meta:
        ordering = ("name",)


class WriteKey(models.Model):
    """A secret that lets a source send facts, and nothing else."""

    source: models.ForeignKey[Source, Source] = models.ForeignKey(
        Source, models.CASCADE, related_name="keys"
    )
    hash: models.CharField[str, str] = models.CharField(max_length=64, unique=True)
    prefix: models.CharField[str, str] = models.CharField(max_length=20)
    created: models.DateTimeField[datetime, datetime] = models.DateTimeField(default=timezone.now)
    last_used: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(
        null=True
    )
    revoked: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(
        null=True
    )

    class Meta:
        ordering = ("id",)


class AuditEntry(models.Model):
    """`who` did `what` (a stable word such as `token.create`) to `target`. Only ever added, each
    chained to the one before (chain.py); the database refuses to change them."""

    at: models.DateTimeField[datetime, datetime] = models.DateTimeField(
        default=timezone.now, db_index=True
    )
    who: models.CharField[str, str] = models.CharField(max_length=254)
    kind: models.CharField[str, str] = models.CharField(max_length=10)
    what: models.CharField[str, str] = models.CharField(max_length=NAME)
    target: models.CharField[str, str] = models.CharField(max_length=254)
    details: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    previous: models.CharField[str, str] = models.CharField(max_length=64, default="")
    hash: models.CharField[str, str] = models.CharField(max_length=64, default="")

    class Meta:
        ordering = ("-id",)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Adds it at the end of the chain; concurrent writers wait for each other's commit."""
        with transaction.atomic():
            one_writer()
            newest = AuditEntry.objects.order_by("-id").values_list("hash", flat=True).first()
            self.previous = newest or GENESIS
            self.hash = self.computed()
            super().save(*args, **kwargs)

    def computed(self) -> str:
        """The hash that belongs to what is said here."""
        return entry_hash(
            self.previous,
            at=self.at,
            who=self.who,
            kind=self.kind,
            what=self.what,
            target=self.target,
            details=self.details,
        )


class IdempotencyKey(models.Model):
    """An answer kept for a repeated request. `status` is None while the first is being done."""

    key: models.CharField[str, str] = models.CharField(max_length=255)
    principal: models.CharField[str, str] = models.CharField(max_length=254)
    operation: models.CharField[str, str] = models.CharField(max_length=500)
    body_hash: models.CharField[str, str] = models.CharField(max_length=64)
    status: models.IntegerField[int | None, int | None] = models.IntegerField(null=True)
    response: models.TextField[str, str] = models.TextField(default="")
    created: models.DateTimeField[datetime, datetime] = models.DateTimeField(
        default=timezone.now, db_index=True
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("principal", "key"), name="one_answer_per_key"),
        )


class FailedLogin(models.Model):
    """Failures in a row of one address or one network, kept so that a restart forgives nobody."""

    subject: models.CharField[str, str] = models.CharField(max_length=64, unique=True)
    failures: models.IntegerField[int, int] = models.IntegerField(default=0)
    last: models.DateTimeField[datetime, datetime] = models.DateTimeField(
        default=timezone.now, db_index=True
    )
