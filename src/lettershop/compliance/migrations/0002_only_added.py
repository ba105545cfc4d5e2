"""The database itself refuses to change consent entries or to take them away."""

from django.db import migrations

from lettershop.only_added import Guarded

GUARDED = Guarded(
    table="compliance_consententry",
    name="consent",
    function="compliance_only_added",
    rows="consent entries",
)


class Migration(migrations.Migration):
    dependencies = (("compliance", "0001_first"),)

    operations = (GUARDED.operation(),)
