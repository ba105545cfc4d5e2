"""Who looks after somebody: the account's manager, by the setting `owner_field`."""

from collections.abc import Callable, Mapping

from lettershop.app import people
from lettershop.app.engine import Engine
from lettershop.app.shown import Value
from lettershop.app.workspace import Workspace
from lettershop.content.owners import read_owners
from lettershop.model.errors import NotFound


def owner_of(engine: Engine) -> Callable[[str, str], str]:
    """(contact, account) -> the key of owners.toml; what the field says, where it is not in there;
    "" where nothing is known."""

    def found(contact: str, account: str) -> str:
        with engine.read() as workspace:
            said = _account(workspace, account) or _contact(workspace, contact)
            known = read_owners(workspace.path)[0].find(said)
        return known["key"] if known is not None else said

    return found


def _account(workspace: Workspace, account: str) -> str:
    if not account:
        return ""
    try:
        return _field(workspace, people.account(workspace, account).traits)
    except NotFound:
        return ""


def _contact(workspace: Workspace, contact: str) -> str:
    try:
        return _field(workspace, people.contact(workspace, contact).traits)
    except NotFound:
        return ""


def _field(workspace: Workspace, traits: Mapping[str, Value]) -> str:
    value = traits.get(workspace.settings.owner_field)
    return str(value.value).strip() if value is not None and value.value is not None else ""
