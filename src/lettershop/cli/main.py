"""The command `lettershop`: which commands there are."""

import typer

from lettershop.cli import (
    audit,
    campaign,
    campaign_results,
    catalog_items,
    changes,
    consent,
    contact,
    content,
    content_import,
    content_preview,
    content_proof,
    content_prove,
    content_text,
    data,
    demo,
    dkim,
    doctor,
    feeds,
    hygiene,
    mailbox,
    message,
    notices,
    operations,
    person,
    pin,
    plan,
    preflight,
    providers,
    pull,
    returns,
    segment,
    send,
    send_links,
    sender,
    source,
    suppression,
    token,
    trait,
    up,
    user,
    version,
    webhook,
    workspace,
)
from lettershop.cli.doors import Doors

app = typer.Typer(
    cls=Doors,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="Exact segments of your contacts, accounts and events. Start with `lettershop demo`.",
)
app.command("init")(workspace.init)
app.command("up")(up.up)
app.command("demo")(demo.demo)
app.command("import")(data.import_)
app.command("rates")(data.rates)
app.command("catalog")(data.catalog)
app.add_typer(feeds.app, name="data")
app.add_typer(catalog_items.app, name="items")
app.command("plan")(plan.plan)
app.command("apply")(plan.apply)
segment.app.command("changes")(changes.changes)
segment.app.command("history")(changes.history)
app.add_typer(segment.app, name="segment")
app.add_typer(trait.app, name="trait")
segment.app.command("versions")(version.versions)
segment.app.command("draft")(version.draft)
segment.app.command("diff")(version.diff)
segment.app.command("publish")(version.publish)
segment.app.command("discard")(version.discard)
segment.app.command("remove")(version.remove)
segment.app.command("pin")(pin.pin)
segment.app.command("unpin")(pin.unpin)
segment.app.command("pins")(pin.pins)
segment.app.command("proof")(pin.proof)
app.add_typer(contact.app, name="contact")
content.app.command("import")(content_import.import_)
content.app.command("preview")(content_preview.preview)
content.app.command("send-test")(content_preview.send_test)
content.app.command("report")(content_preview.report)
content.app.command("proof")(content_prove.proof)
content.app.command("proofs")(content_prove.proofs)
content.app.command("accept")(content_prove.accept)
content.app.command("withdraw")(content_prove.withdraw)
content.app.command("test")(content_proof.golden)
content.app.command("text")(content_text.text)
app.add_typer(content.app, name="content")
app.add_typer(hygiene.app, name="address")
app.add_typer(dkim.app, name="dkim")
app.command("doctor")(doctor.doctor)
app.add_typer(providers.app, name="providers")
app.add_typer(preflight.app, name="preflight")
app.command("mailbox")(mailbox.mailbox)
app.add_typer(pull.app, name="pull")
app.add_typer(user.app, name="user")
app.add_typer(token.app, name="token")
app.add_typer(source.app, name="source")
app.add_typer(webhook.app, name="webhook")
send.app.command("links")(send_links.links)
send.app.command("repoint")(send_links.repoint)
campaign.app.command("results")(campaign_results.results)
app.add_typer(campaign.app, name="campaign")
app.add_typer(send.app, name="send")
app.command("sender")(sender.sender)
returns.app.command("notices")(notices.notices)
app.add_typer(message.app, name="message")
app.add_typer(returns.app, name="returns")
app.add_typer(consent.app, name="consent")
app.add_typer(suppression.app, name="suppression")
app.add_typer(person.app, name="person")
app.add_typer(audit.app, name="audit")
app.command("backup")(operations.backup)
app.command("restore")(operations.restore)
app.command("rebuild")(operations.rebuild)
app.command("version")(workspace.version)


def main() -> None:
    app(prog_name="lettershop")
