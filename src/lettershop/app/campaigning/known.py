"""What a campaign's definition is compared with, and the digests of its templates."""

from pathlib import Path

from lettershop.app.audiences import audiences
from lettershop.app.definitions import has_data, with_derived
from lettershop.app.templates import read_folder
from lettershop.app.workspace import Workspace
from lettershop.campaigns import records
from lettershop.campaigns.beside import Known, beside
from lettershop.campaigns.definition import Campaign
from lettershop.campaigns.models import CampaignRecord
from lettershop.campaigns.reading import Read
from lettershop.compliance.policy import load_policy
from lettershop.model.errors import DefinitionError, Finding


def compared(workspace: Workspace, read: Read) -> tuple[Campaign, list[Finding]]:
    """The campaign, and warnings. DefinitionError with all that is wrong: with it, or with
    consent.toml."""
    campaign = beside(read, known(workspace)) if read.campaign is not None else None
    if campaign is None:
        raise DefinitionError(read.findings)
    return campaign, read.findings


def known(workspace: Workspace) -> Known:
    """Within a reader's snapshot, with the records connected."""
    found, shelf = audiences(workspace), read_folder(workspace.path)
    catalog = workspace.store.catalog()
    return Known(
        segments=found.subjects(),
        broken=[*found.broken],
        templates={template.name: template.stream for template in shelf.templates},
        broken_templates=[*shelf.broken],
        policy=load_policy(workspace.path),
        catalog=with_derived(workspace.path, catalog) if has_data(catalog) else None,
        zone=workspace.settings.timezone,
    )


def digest(folder: Path, campaign: Campaign) -> str:
    """Of the campaign and of its templates as the folder has them now."""
    templates = {template.name: template.digest for template in read_folder(folder).templates}
    return records.digest(campaign, templates)


def changed(folder: Path, record: CampaignRecord) -> bool:
    """Whether it is no longer what was checked."""
    return digest(folder, records.definition_of(record)) != record.digest
