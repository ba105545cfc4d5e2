"""Letters of a workspace: checked, looked at as somebody, proved for everybody.

template (folder) -> typeset.py -> audiences.py (whom) -> surroundings.py (what else they need)
    -> values of each -> rendered

Inside a reader's snapshot, with the records connected. Nothing is sent.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import msgspec
from django.db import transaction

from lettershop.access.audit import audit
from lettershop.access.principal import Principal
from lettershop.app.audiences import Audiences, audiences
from lettershop.app.definitions import has_data, with_derived
from lettershop.app.surroundings import failures, surroundings
from lettershop.app.template_checks import Around, judged, linted
from lettershop.app.templates import read_folder
from lettershop.app.typeset import Typeset, fed, typeset
from lettershop.app.workspace import Workspace
from lettershop.content.audience import Audience
from lettershop.content.catalog.assortment import Assortments
from lettershop.content.catalog.checking import check_template
from lettershop.content.folder import Shelf
from lettershop.content.gathering import gather, gather_one
from lettershop.content.letter import Broken, Letter, Rendered, Skipped
from lettershop.content.lint.linting import lint_rendered
from lettershop.content.making import by_place
from lettershop.content.outside.fetcher import Fetcher
from lettershop.content.owners import read_owners
from lettershop.content.proof import records
from lettershop.content.proof.runner import prove
from lettershop.content.proof.said import Audienced, LetterProofAnswer, Proof
from lettershop.content.proof.wording import Words, set_bits
from lettershop.content.template import Template
from lettershop.content.values.needs import Surroundings
from lettershop.content.values.report import TemplateReport, report
from lettershop.content.values.source import Source
from lettershop.content.values.wanted import needed_by
from lettershop.engines.duckdb.cards import account_cards
from lettershop.language.definition import Definition
from lettershop.model.clock import format_instant
from lettershop.model.errors import DefinitionError, Finding, UsageError
from lettershop.model.settings import Settings


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """A letter as one contact would get it. `fate`: letter, skipped (`reason`) or broken
    (`findings`); texts are empty unless it is a letter. `blocks`: name of a block to what of it is
    shown; `words`: what else is so in this letter."""

    template: str
    language: str
    who: str
    email: str | None
    account: str | None
    as_of: str
    fate: str
    reason: str = ""
    subject: str = ""
    preheader: str = ""
    sender: str = ""
    reply_to: str = ""
    html: str = ""
    text: str = ""
    words: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    values: Mapping[str, Any] = {}


class Letters:
    """What may be asked about letters, by one principal. `catalogs`: held between questions.
    `shelf`: the templates, instead of those of the folder: with what somebody is typing."""

    def __init__(
        self,
        workspace: Workspace,
        by: Principal,
        catalogs: Assortments | None = None,
        shelf: Shelf | None = None,
    ) -> None:
        self.workspace, self.by = workspace, by
        self._catalogs = catalogs or Assortments()
        self._folder = shelf
        self._audiences: Audiences | None = None
        self._around_all: Around | None = None

    @property
    def shelf(self) -> Shelf:
        if self._folder is None:
            self._folder = read_folder(self.workspace.path)
        return self._folder

    @property
    def audiences(self) -> Audiences:
        if self._audiences is None:
            self._audiences = audiences(self.workspace)
        return self._audiences

    # --- what is wrong --------------------------------------------------------------------------

    def check(self, name: str | None = None) -> list[Finding]:
        """Everything there is to say of one template, or of all. NotFound `template.unknown`."""
        if name is None:
            found = [f for template in self.shelf.templates for f in self._judged(template)]
            found += self.shelf.findings
        elif name in self.shelf.broken:
            found = [*self.shelf.broken[name]]
        else:
            found = self._judged(self.shelf.named(name))
        return sorted(dict.fromkeys(found), key=by_place)

    def _judged(self, template: Template) -> list[Finding]:
        owners = read_owners(self.workspace.path)[1]
        items = check_template(template, self._catalogs.get)
        return [*owners, *judged(template, self.beside), *items, *linted(template)]

    @property
    def beside(self) -> Around:
        """What templates are judged beside."""
        if self._around_all is None:
            catalog = self.workspace.store.catalog()
            known = with_derived(self.workspace.path, catalog) if has_data(catalog) else None
            path, settings = self.workspace.path, self.workspace.settings
            segments = self.audiences.definitions.values()
            self._around_all = Around.of(path, settings, known, segments)
        return self._around_all

    def ready(self, name: str) -> Typeset:
        """DefinitionError with everything that is wrong with it."""
        template = self.shelf.named(name)
        errors = [finding for finding in self._judged(template) if finding.level == "error"]
        if errors:
            raise DefinitionError(errors)
        return typeset(template)

    # --- one letter -----------------------------------------------------------------------------

    def preview(
        self,
        name: str,
        who: str,
        *,
        account: str | None = None,
        segment: str | None = None,
        language: str | None = None,
        as_of: int | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> Preview:
        """As `who` (user id, address or identity) would get it; `account`: the one it speaks of.

        `segment`: as in a letter to that segment. `language`: instead of the contact's own.
        `data`: what a program would say of a transactional message.
        NotFound; DefinitionError for a template or segment that cannot be used.
        """
        ready, at = self.ready(name), self.workspace.moment(as_of)
        audience = gather_one(
            self.workspace.store,
            [*self.audiences.definitions.values()],
            ready.blocks,
            self.workspace.subject_id("contact", who),
            None if account is None else self.workspace.subject_id("account", account),
            at,
            self.workspace.settings,
            segment=None if segment is None else self._audience(segment),
            adjust=self.audiences.adjust,
        )
        return self._previewed(ready, audience, language, data)

    def _previewed(
        self,
        ready: Typeset,
        audience: Audience,
        language: str | None,
        data: Mapping[str, Any] | None,
    ) -> Preview:
        store = self.workspace.store
        with (
            self._around(ready, audience, data) as (around, fetcher),
            Source(store, ready.template, ready.reads(), audience, around) as source,
        ):
            (chunk,) = source.chunks()
            who, values = chunk.recipients[0], chunk.values[0]
            letter = ready.letter(language or who.language)
            found = _rendered(letter, values, ready.shown(letter, audience.shown[0].tolist()))
            account = self._account_names([who.account])[0] if who.account >= 0 else None
            return msgspec.structs.replace(
                found,
                who=who.identity,
                email=who.email,
                account=account,
                as_of=format_instant(audience.as_of),
                findings=(
                    *found.findings,
                    *failures(fetcher.reports()),
                    *self._seen(found, letter, values),
                ),
                values=values,
            )

    def _seen(self, found: Preview, letter: Letter, values: Mapping[str, Any]) -> list[Finding]:
        """What the lint says of a letter that somebody gets."""
        if found.fate != "letter":
            return []
        settings, variant = self.workspace.settings, letter.variant
        return lint_rendered(
            Rendered(**{name: getattr(found, name) for name in _TEXTS}, outcomes=0),
            stream=letter.template.stream,
            unsubscribe_url=str(values.get("unsubscribe_url", "")),
            postal_address=settings.postal_address,
            sender=settings.sender,
            language=variant.language,
            source=variant.source,
        )

    # --- everybody's ----------------------------------------------------------------------------

    def report(self, name: str, segment: str, as_of: int | None = None) -> TemplateReport:
        """Of each variable, how many in the segment have it from where."""
        ready = self.ready(name)
        audience = self._gathered(ready, segment, as_of)
        reads = {language: letter.reads for language, letter in ready.letters.items()}
        with self._around(ready, audience) as (around, _):
            return report(self.workspace.store, ready.template, reads, audience, around)

    def prove(
        self,
        name: str,
        segment: str,
        *,
        as_of: int | None = None,
        begun: Callable[[int, int], None] = lambda number, total: None,
        progress: Callable[[int], None] = lambda done: None,
        cancelled: Callable[[], bool] = lambda: False,
        data: Mapping[str, Any] | None = None,
    ) -> tuple[LetterProofAnswer, Proof]:
        """Render the letter of everybody in the segment, and keep what was found.

        `begun` is told the proof's number and how many there are. `data`: as for a preview.
        """
        ready = self.ready(name)
        audience = self._gathered(ready, segment, as_of)
        about = self._identified(segment)
        with records.recorded(
            ready.template,
            about,
            as_of=audience.as_of,
            total=len(audience),
            author=self.by.name,
            clock=self.workspace.clock,
        ) as recorder:
            begun(recorder.id, len(audience))

            def told(done: int) -> None:
                recorder.progress(done)
                progress(done)

            def stopped() -> bool:
                return cancelled() or recorder.cancelled()

            proof = self._proved(ready, audience, told, stopped, data)
            return recorder.finish(proof), proof

    def _proved(
        self,
        ready: Typeset,
        audience: Audience,
        progress: Callable[[int], None],
        cancelled: Callable[[], bool],
        data: Mapping[str, Any] | None,
    ) -> Proof:
        store = self.workspace.store
        with (
            self._around(ready, audience, data) as (around, _),
            Source(store, ready.template, ready.reads(), audience, around) as source,
        ):
            return prove(
                ready.letters,
                fed(ready, source),
                total=len(audience),
                named=self._account_names,
                progress=progress,
                cancelled=cancelled,
            )

    def has_readers(self, name: str, segment: str) -> bool:
        """Whether anybody is in the audience: without, there is nothing to prove."""
        try:
            return bool(len(self._gathered(self.ready(name), segment, None)))
        except UsageError as error:
            if error.code != "audience.empty":
                raise
            return False

    def locked(self, name: str, segment: str) -> records.Locked | None:
        """Why this letter may not be sent to this segment yet; None when it may."""
        template = self.shelf.named(name)
        now, hours = self.workspace.moment(None), self.workspace.settings.proof_hours
        return records.lock(template, self._identified(segment), now=now, hours=hours)

    def proofs(self, name: str | None = None, limit: int = 50) -> Sequence[LetterProofAnswer]:
        """The newest first, without what they found."""
        return records.proofs(self.workspace.moment(None), name, limit)

    def proof(self, number: int) -> LetterProofAnswer:
        """NotFound `proof.unknown`."""
        return records.proof(number, self.workspace.moment(None))

    def accept(self, number: int, key: str, reason: str) -> LetterProofAnswer:
        """Say that a warning, or all of a class, are meant. Raises as `records.accept`."""
        now = self.workspace.moment(None)
        with transaction.atomic():
            found = records.accept(number, key, by=self.by.name, reason=reason, now=now)
            audit(self.by, "content.accept", found.template, proof=number, key=key, reason=reason)
        return found

    def withdraw(self, number: int, key: str) -> LetterProofAnswer:
        """Take that back. NotFound `proof.unknown`, `proof.not_accepted`."""
        with transaction.atomic():
            found = records.withdraw(number, key, self.workspace.moment(None))
            audit(self.by, "content.withdraw", found.template, proof=number, key=key)
        return found

    def _around(
        self, ready: Typeset, audience: Audience, data: Mapping[str, Any] | None = None
    ) -> AbstractContextManager[tuple[Surroundings, Fetcher]]:
        get = self._catalogs.get
        return surroundings(self.workspace, ready.template, audience.as_of, get, data)

    def _gathered(self, ready: Typeset, segment: str, as_of: int | None) -> Audience:
        audience = gather(
            self.workspace.store,
            [*self.audiences.definitions.values()],
            self._audience(segment),
            ready.blocks,
            self.workspace.moment(as_of),
            self.workspace.settings,
            adjust=self.audiences.adjust,
            wanted=matched_by(ready, self.workspace.settings),
        )
        if not len(audience):
            message = f"nobody is in “{segment}”"
            raise UsageError("audience.empty", message, hint="choose a segment with members")
        return audience

    def _audience(self, segment: str) -> str | Definition:
        self.audiences.named(segment)
        return segment

    def _identified(self, segment: str) -> Audienced:
        return self.audiences.identified(self.audiences.named(segment))

    def _account_names(self, numbers: Sequence[int]) -> Sequence[str]:
        known = account_cards(self.workspace.store, numbers)
        return [known[number].name or known[number].account for number in numbers]


def _rendered(letter: Letter, values: Mapping[str, Any], shown: Sequence[int]) -> Preview:
    found = letter.render(values, shown)
    blank = Preview(
        template=letter.template.name,
        language=letter.variant.language,
        who="",
        email=None,
        account=None,
        as_of="",
        fate="letter",
        words=_words(letter, found.outcomes),
    )
    match found:
        case Skipped(reason=reason):
            return msgspec.structs.replace(blank, fate="skipped", reason=reason)
        case Broken(findings=findings):
            return msgspec.structs.replace(blank, fate="broken", findings=findings)
        case Rendered():
            said = {n: getattr(found, n) for n in _TEXTS}
            return msgspec.structs.replace(blank, **said)


_TEXTS = ("subject", "preheader", "sender", "reply_to", "html", "text")


def _words(letter: Letter, outcomes: int) -> tuple[str, ...]:
    """What is so in this letter and not in every one: which block, which branch, what lacks."""
    words = Words(letter)
    said = dict.fromkeys(words.of[bit] for bit in set_bits(outcomes))
    return tuple(word for word in said if word not in words.usual)


def matched_by(ready: Typeset, settings: Settings) -> set[str]:
    """The properties of same-value conditions that the letters read, or what their data hangs on
    (`match` of items, the address of outside data)."""
    paths = [read.path for read in ready.reads()]
    for source in ready.template.data.values():
        paths += needed_by(source, settings)
    return {path[1] for path in paths if path[0] == "matched" and len(path) > 1}
