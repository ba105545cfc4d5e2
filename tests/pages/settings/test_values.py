"""Settings on pages: shown as they are, changed with the comments kept, and taken back."""

import re
from html import unescape
from typing import Any

import pytest
from opened_shop import Shop

from lettershop.access.models import AuditEntry
from lettershop.app.changing.changing import change_settings, changed_text
from lettershop.app.changing.present import AT_ONCE, present
from lettershop.app.settings import settings_of
from lettershop.model.errors import InputError, UsageError
from lettershop.model.settings import Settings
from lettershop.web.pages.settings.groups import GROUPS
from lettershop.web.pages.settings.labels import LABELS

SENDING = "/settings/values/sending"


def text(response: Any) -> str:
    bare = re.sub(r"<[^>]*>", " ", response.content.decode())
    return re.sub(r"\s+", " ", unescape(bare))


def file_of(shop: Shop) -> str:
    return (shop.path / "lettershop.toml").read_text("utf-8")


def undo_on(page: Any) -> tuple[str, dict[str, str]]:
    """The form of “Undo”: where it leads, and with what."""
    alert = re.search(r'role="status">.*?<form method="post" action="([^"]+)">(.*?)</form>',
                      page.content.decode(), re.S)  # fmt: skip
    assert alert is not None, text(page)
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', alert[2])
    return alert[1], {name: unescape(value) for name, value in fields if "csrf" not in name}


def test_every_setting_stands_in_one_group_and_has_a_label() -> None:
    grouped = [name for group in GROUPS.values() for name in group.names]
    assert sorted(grouped) == sorted(Settings.__struct_fields__)
    assert set(LABELS) == set(Settings.__struct_fields__)


def test_an_owner_changes_what_holds_at_once_and_takes_it_back(shop: Shop) -> None:
    owner = shop.client("owner")
    change = {"set-second_approval": "true", "set-proof_hours": "12"}
    assert owner.post(f"{SENDING}/change", change)["Location"] == SENDING
    settings = shop.engine.workspace.settings
    assert settings.second_approval and settings.proof_hours == 12
    with shop.engine.read() as workspace:
        assert workspace.settings.second_approval
    assert "\nsecond_approval = true\n" in file_of(shop)
    page = owner.get(SENDING)
    assert "It holds at once." in text(page)
    address, fields = undo_on(page)
    owner.post(address, fields)
    assert not shop.engine.workspace.settings.second_approval
    assert settings_of(file_of(shop), {}) == Settings()
    trail = AuditEntry.objects.filter(what="setting.change").values_list("target", "details")
    assert ("second_approval", {"before": None, "after": True}) in trail and len(trail) == 4


def test_what_is_built_in_at_the_start_says_that_it_waits(shop: Shop) -> None:
    owner = shop.client("owner")
    owner.post("/settings/values/workspace/change", {"set-timezone": "Europe/Berlin"})
    assert shop.engine.workspace.settings.timezone == "UTC"
    page = text(owner.get("/settings/values/workspace"))
    assert "After the next start of the server holds: Time zone." in page
    assert "waits for the next start" in page
    assert "Waits for the next start of the server: Time zone" in text(owner.get("/settings"))


def test_comments_and_order_stay() -> None:
    before = (
        '# ours\nproof_hours = 3  # short\nseeds = [\n  "a@x.de",  # Ann\n]\n# size_guard = 30\n'
    )
    after = changed_text(before, {"proof_hours": 5, "size_guard": 10, "sender": "b@x.de"})
    assert after.startswith('# ours\nproof_hours = 5  # short\nseeds = [\n  "a@x.de",  # Ann\n]\n')
    assert after.endswith('size_guard = 10\nsender = "b@x.de"\n')
    back = changed_text(after, {"seeds": None, "proof_hours": None})
    assert "# proof_hours = 24  # short\n# seeds = []\n" in back


@pytest.mark.parametrize(
    ("group", "form", "code"),
    [
        ("workspace", {"set-timezone": "Europe/Berlim"}, "settings.timezone"),
        ("workspace", {"set-public_url": "letters"}, "settings.public_url"),
        ("workspace", {"set-sender": "nobody"}, "address.invalid"),
        ("sending", {"set-smtp": "http://x"}, "settings.smtp"),
        ("sending", {"set-imap": "imaps://x"}, "settings.imap"),
        ("sending", {"set-lmtp": "here"}, "settings.lmtp"),
        ("sending", {"set-proof_hours": "0"}, "settings.range"),
        ("sending", {"set-proof_hours": "many"}, "settings.type"),
        ("sending", {"set-return_address": "x\0y"}, "settings.type"),
        ("retention", {"set-least_free": "plenty"}, "settings.size"),
        ("server", {"set-memory_limit": "lots"}, "settings.memory"),
    ],
)
def test_what_no_server_could_start_with_never_reaches_the_file(
    shop: Shop, group: str, form: dict[str, str], code: str
) -> None:
    before = file_of(shop)
    answer = shop.client("owner").post(f"/settings/values/{group}/change", form)
    assert answer.status_code == 400 and code in text(answer)
    assert file_of(shop) == before and not AuditEntry.objects.filter(what="setting.change")


def test_secrets_are_written_and_never_shown(shop: Shop) -> None:
    owner, secret = shop.client("owner"), "smtp://ann:hush%40hush@mail.example.com:587"
    owner.post(f"{SENDING}/change", {"set-smtp": secret, "set-hook_postmark": "hush-too"})
    assert secret in file_of(shop)
    for who in ("owner", "viewer"):
        page = shop.client(who).get(SENDING).content.decode()
        assert "hush" not in page
    entries = AuditEntry.objects.filter(what="setting.change")
    assert len(entries) == 2 and all(entry.details == {} for entry in entries)
    known = present(shop.path, settings_of(file_of(shop), {}), {})
    assert known["smtp"].value == "smtp://…@mail.example.com:587"
    owner.post(f"{SENDING}/change", {"set-smtp": "", "set-proof_hours": "24"})
    assert secret in file_of(shop)
    owner.post(f"{SENDING}/change", {"reset": "smtp"})
    assert secret not in file_of(shop)


def test_the_environment_wins_and_is_not_changed_here(shop: Shop) -> None:
    environ = {"LETTERSHOP_SIZE_GUARD": "5"}
    known = present(shop.path, shop.engine.workspace.settings, environ)
    assert known["size_guard"].origin == "environment" and not known["size_guard"].changeable
    with pytest.raises(UsageError, match="environment"):
        change_settings(shop.engine, {"size_guard": "7"}, shop.principal("owner"), environ)
    with pytest.raises(UsageError, match=r"lettershop\.toml only"):
        change_settings(shop.engine, {"port": "7"}, shop.principal("owner"), {})
    with pytest.raises(InputError):
        change_settings(shop.engine, {"seeds": "a@x.de\nnobody"}, shop.principal("owner"), {})


def test_viewers_read_and_change_nothing(shop: Shop) -> None:
    viewer = shop.client("viewer")
    for group in GROUPS:
        page = viewer.get(f"/settings/values/{group}")
        assert page.status_code == 200 and b"<textarea" not in page.content
        assert viewer.post(f"/settings/values/{group}/change", {}).status_code == 403
    assert shop.client("owner").get("/settings/values/nothing").status_code == 404


def test_a_file_that_somebody_broke_is_said_and_not_overwritten(shop: Shop) -> None:
    path = shop.path / "lettershop.toml"
    path.write_text("timezone = Berlin\n", "utf-8")
    owner = shop.client("owner")
    assert "is not valid TOML" in text(owner.get("/settings"))
    answer = owner.post(f"{SENDING}/change", {"set-proof_hours": "3"})
    assert answer.status_code == 400 and path.read_text("utf-8") == "timezone = Berlin\n"


def test_what_holds_at_once_is_a_setting() -> None:
    assert set(Settings.__struct_fields__) >= AT_ONCE
