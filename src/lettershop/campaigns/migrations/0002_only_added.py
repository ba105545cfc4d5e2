"""The database itself refuses to change moves of campaigns or to take them away."""

from django.db import migrations

from lettershop.only_added import Guarded

GUARDED = Guarded(
    table="campaigns_campaignmove",
    name="campaign_move",
    function="campaigns_only_added",
    rows="moves of campaigns",
)


class Migration(migrations.Migration):
    dependencies = (("campaigns", "0001_first"),)

    operations = (GUARDED.operation(),)
