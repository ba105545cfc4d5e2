"""What a template says: the front matter of its files, read and checked (reading.py), and bodies.

A template is `content/<name>.mjml` (or `.html`); `content/<name>.de.mjml` is the same letter in
German; `content/<name>.txt` and `content/<name>.de.txt` are their text parts where these are not
derived. The file without a language is the default one: it says what all of them share.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

import msgspec

Stream = Literal["marketing", "transactional"]
Markup = Literal["mjml", "html"]

# --- what to do where a value is missing ---------------------------------------------------------


class Fallback(msgspec.Struct, frozen=True, tag="fallback", tag_field="policy"):
    """Say this instead. `text` is never blank."""

    text: str


class Hide(msgspec.Struct, frozen=True, tag="hide", tag_field="policy"):
    """Leave out the nearest `{% block %}` around the place."""


class Skip(msgspec.Struct, frozen=True, tag="skip", tag_field="policy"):
    """This recipient gets no letter, for this reason."""

    reason: str


Policy: TypeAlias = Fallback | Hide | Skip

# --- where values come from besides contact, account and owner -----------------------------------


class LastEvent(msgspec.Struct, frozen=True, kw_only=True, tag="last", tag_field="from"):
    """`order = { last = "Order Completed" }`: the newest such event of the contact, as an object of
    its properties, `at` (when) and `name`. `where`: a condition over its properties, as within
    `where (…)` of the segment language. `by_account`: of the account's people together."""

    event: str
    where: str = ""
    by_account: bool = False


class Events(msgspec.Struct, frozen=True, kw_only=True, tag="events", tag_field="from"):
    """`orders = { events = "Order Completed", limit = 5 }`: such objects, newest first."""

    event: str
    where: str = ""
    limit: int = 10
    by_account: bool = False


class Records(msgspec.Struct, frozen=True, kw_only=True, tag="records", tag_field="from"):
    """`deals = { records = "deal", where = 'stage = "proposal"', order = "-amount", limit = 5 }`:
    records of the account and of the contact, as objects of their fields and `id`. `order`: a
    field, with “-” the greatest first; without it by id."""

    kind: str
    where: str = ""
    order: str = ""
    limit: int = 10


class Items(msgspec.Struct, frozen=True, kw_only=True, tag="items", tag_field="from"):
    """`offers = { catalog = "offers", choose = ["bought_together", "bestsellers"], limit = 4 }`.

    `choose`: ways to choose (content/recommend/), tried in order until there are `limit` items.
    `match`: field of an item -> variable its value must equal (`departure = "contact.city"`).
    `where`: fixed values of fields, `{ kind = "article" }`. `market`: the variable that names the
    recipient's market, for prices and availability. `exclude`: any of `bought`, `out_of_stock`.
    """

    catalog: str
    choose: tuple[str, ...] = ("newest",)
    limit: int = 4
    match: Mapping[str, str] = {}
    where: Mapping[str, str] = {}
    market: str = ""
    exclude: tuple[str, ...] = ("out_of_stock",)


class Outside(msgspec.Struct, frozen=True, kw_only=True, tag="url", tag_field="from"):
    """`weather = { url = "https://…?city={{ contact.city }}", timeout = 2.0, cache = 3600,
    schema = { temperature = "number" }, fallback = { temperature = 20 } }`.

    `url` is Liquid whose values are percent-encoded; `timeout`, `cache`: seconds. `schema`: path
    in the answer (`days.temperature`) to `text`, `number`, `boolean`, `time` or `list`. Without
    `fallback` a failed answer is a missing value, with the policy of `[missing]`.
    """

    url: str
    timeout: float = 3.0
    cache: int = 3600
    schema: Mapping[str, str] = {}
    fallback: Mapping[str, str | int | float | bool] | None = None


Data: TypeAlias = LastEvent | Events | Records | Items | Outside

# --- the template --------------------------------------------------------------------------------


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """One language of a template. `language`: "" for the default, else `de` or `de-AT`.

    `body` is what follows the front matter, MJML or HTML with Liquid; it starts at line `line` of
    the file `source`. `text`: the written text part, None where it is derived; its file is
    `text_source`. `missing`: policies by variable (`contact.first_name`), those of the default
    variant where this one says none.
    """

    language: str
    subject: str
    preheader: str
    markup: Markup
    body: str
    line: int
    source: str
    text: str | None = None
    text_source: str = ""
    missing: Mapping[str, Policy] = {}


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """A letter in all its languages; `variants[0]` is the default one.

    `sender`: `Name <address>`, "" for the setting `sender`. `languages`: language -> languages to
    try next, before the default. `files`: path below content/ to text, as they were read.
    """

    name: str
    title: str = ""
    description: str = ""
    stream: Stream = "marketing"
    sender: str = ""
    reply_to: str = ""
    languages: Mapping[str, Sequence[str]] = {}
    data: Mapping[str, Data] = {}
    variants: tuple[Variant, ...]
    files: Mapping[str, str] = {}

    @property
    def digest(self) -> str:
        """Sixteen hex digits that change with any byte of its files: what a proof was made of."""
        said = msgspec.json.encode([self.name, sorted(self.files.items())])
        return hashlib.blake2b(said, digest_size=8).hexdigest()

    def said(self, source: str) -> str:
        """What the file says that findings call `source` (`content/spring/offer.mjml`); "" where
        it is not known."""
        named = (path for path in self.files if source == path or source.endswith(f"/{path}"))
        return self.files.get(max(named, key=len, default=""), "")

    def variant(self, language: str | None) -> Variant:
        """The variant for somebody of that language (`de-AT`, `pt_BR`, None: not known): itself,
        its base language, what `languages` says to try next, else the default one."""
        known = {variant.language.lower(): variant for variant in self.variants}
        wanted = (language or "").strip().replace("_", "-").lower()
        said = {key.lower(): names for key, names in self.languages.items()}
        base = wanted.partition("-")[0]
        chain = (wanted, base, *said.get(wanted, ()), *said.get(base, ()))
        found = (known[name.lower()] for name in chain if name.lower() in known)
        return next(found, self.variants[0])
