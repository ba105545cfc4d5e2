"""What a workspace can be told: one struct, each setting with its type, default and a sentence."""

from typing import Literal

import msgspec


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    timezone: str = "UTC"
    """IANA zone of the workspace: used where neither contact nor account has one."""

    timezone_field: str = "timezone"
    """The field of contacts and accounts that holds their IANA zone."""

    ignored_events: tuple[str, ...] = (
        "Email Sent",
        "Email Delivered",
        "Email Bounced",
        "Email Marked as Spam",
        "Email Auto Replied",
    )
    """Events that are not something the subject did: left out of `did anything`."""

    graded_events: tuple[str, ...] = ("Email Opened", "Email Link Clicked")
    """Events left out of `did anything` when their property `grade` is "machine"."""

    memory_limit: str = "2GB"
    """Memory the embedded engine may use before it spills to disk."""

    records: str = ""
    """Where users, keys, sources and audit live: empty for SQLite in `data/`, or
    `postgresql://user:password@host/name` (better said in the environment)."""

    lake: str = ""
    """Where the facts are written as Parquet for other engines: a folder, or `s3://bucket/folder`;
    empty for none."""

    lake_seconds: int = 60
    """Seconds between two snapshots of the lake, while anything changes."""

    engine: Literal["duckdb", "spark"] = "duckdb"
    """What keeps the published segments current: the embedded engine, which follows every change,
    or Spark over the lake, which evaluates all of them every `spark_seconds`."""

    spark: str = "local[*]"
    """The Spark that is asked: `local[2]`, `spark://host:7077`, or `sc://host:15002` for Spark
    Connect."""

    spark_seconds: int = 900
    """Seconds between two evaluations by Spark, where it keeps the segments current."""

    advertise: str = ""
    """How other processes of the cluster reach this one, as `http://10.0.0.5:8460`; empty for the
    machine's name and the port it listens on."""

    host: str = "127.0.0.1"
    """The address `lettershop up` listens on; 0.0.0.0 for all, behind a proxy that speaks HTTPS."""

    port: int = 8460
    """The port `lettershop up` listens on: collector, API and pages."""

    public_url: str = ""
    """How the world reaches this server, as https://letters.example.com: for the script tag, links,
    allowed hosts and secure cookies; empty while it is only used on this machine."""

    cors_origins: tuple[str, ...] = ("*",)
    """Origins of web pages whose browsers may send events; “*” for every page."""

    most_unloaded: str = "2GB"
    """Raw requests waiting to be loaded beyond this are refused (503) rather than fill the disk."""

    least_free: str = "500MB"
    """Requests are refused (503) while the disk has less free space than this."""

    raw_days: int = 0
    """Days that raw requests are kept after they were loaded, for `rebuild`; 0 keeps them all."""

    keep_imports: bool = True
    """Keep a copy of every imported file in `data/kept/`, so that `rebuild` can import it again."""

    refresh_seconds: int = 1
    """Seconds between two looks at what has changed for the published segments."""

    audit_seconds: int = 60
    """Seconds between two comparisons of a published segment with its full evaluation."""

    silence_factor: int = 3
    """How many times its longest usual pause an event may not be received before segments that hang
    on its absence are marked uncertain."""

    silence_hours: int = 24
    """Hours an event may in any case not be received before that."""

    refusal_days: int = 90
    """Days that refused events are kept to be looked at."""

    most_emails: int = 5
    """E-mail addresses one contact may have; a fact that would join more joins none."""

    most_anonymous: int = 100
    """Anonymous ids one contact may have; a fact that would join more joins none."""

    webhook_hosts: tuple[str, ...] = ()
    """Hosts (`name` or `name:port`) that webhooks may reach although they are in the private
    network or speak http; all others need https and a public address."""

    language_field: str = "language"
    """The field of contacts that holds their language (`de`, `pt-BR`): which variant of a template
    they get."""

    owner_field: str = "owner"
    """The field of accounts, or else of contacts, that names the account manager: a key of
    `owners.toml`."""

    market_field: str = "country"
    """The field of contacts, or else of accounts, that names their market: for prices."""

    sender: str = ""
    """Whom letters are from, as `Ann Lee <ann@example.com>`, where a template says nothing else."""

    postal_address: str = ""
    """The sender's postal address, on one line: the law wants it in every marketing letter."""

    fetch_hosts: tuple[str, ...] = ()
    """Hosts (`name` or `name:port`) that templates may ask for data with `url`; no others."""

    seeds: tuple[str, ...] = ()
    """Addresses that test letters go to, when nothing else is said."""

    smtp: str = ""
    """Where letters are handed in, as `smtp://user:password@host:587` (STARTTLS) or
    `smtps://…:465`; `mailbox` for the built-in one, which a page shows and nothing leaves; empty:
    they are written to `data/outbox/` as files instead."""

    warm_up: str = ""
    """The warm-up plan and its first day (UTC), as `careful 2026-12-01`, of letters that go to the
    recipients' own servers (`mx://`); empty: no limit by day."""

    senders: int = 0
    """Sender processes that `lettershop up` keeps running while there is anything to send; 0 for as
    many as there are processor cores."""

    lost_minutes: int = 60
    """Minutes after the end of its lease for which the journal of a sender may be on a machine that
    is down; then what that sender was about to hand over is listed as unknown."""

    return_address: str = ""
    """Where returns come back to, as `returns@news.example.com`: each letter gets an envelope
    sender and an address for unsubscribing by mail of its own at that domain; empty: the sender's
    address."""

    lmtp: str = ""
    """Where the mail server in front of us hands over what comes back, as `127.0.0.1:8461` or the
    path of a socket file; empty: nowhere."""

    imap: str = ""
    """The mailbox from which returns are fetched every minute, as
    `imaps://user:password@host/INBOX` (better said in the environment); empty: none."""

    hook_ses: str = ""
    """ARNs of the SNS topics, separated by spaces, whose messages about returns `/hooks/mail/ses`
    takes; empty: none."""

    hook_sendgrid: str = ""
    """The verification key of SendGrid's event webhook, for `/hooks/mail/sendgrid`; empty: it is
    not there."""

    hook_postmark: str = ""
    """The password that Postmark shows at `/hooks/mail/postmark` (HTTP Basic); empty: it is not
    there."""

    hook_mailgun: str = ""
    """Mailgun's webhook signing key, for `/hooks/mail/mailgun`; empty: it is not there."""

    proof_hours: int = 24
    """Hours for which the proof of a letter holds; then everybody's is rendered again before one
    may leave."""

    second_approval: bool = False
    """Whether a campaign is approved by somebody else than who wrote it."""

    size_guard: int = 30
    """Percent by which publishing may change the size of a segment without an explicit yes."""

    blocked_ids: tuple[str, ...] = (
        "0",
        "-1",
        "00000000-0000-0000-0000-000000000000",
        "anonymous",
        "guest",
        "id",
        "n/a",
        "na",
        "nan",
        "nil",
        "none",
        "null",
        "test",
        "undefined",
        "unknown",
        "user",
        "user_id",
        "userid",
    )
    """Ids that broken integrations send for many people (compared trimmed and folded): ignored."""
