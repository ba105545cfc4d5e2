"""The database itself refuses to change audit entries or to take them away."""

from django.db import migrations

from lettershop.only_added import Guarded

GUARDED = Guarded(
    table="access_auditentry",
    name="audit",
    function="access_only_added",
    rows="audit entries",
)


class Migration(migrations.Migration):
    dependencies = (("access", "0002_audit_chain"),)

    operations = (GUARDED.operation(),)
