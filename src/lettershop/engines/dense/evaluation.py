"""The answer to a set of definitions: members as bitmaps of dense ids, or by identity."""

from array import array

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap
from sqlglot import exp

from lettershop.engines.dense.asking import Asker
from lettershop.language.tree import Subject
from lettershop.planning.frame import Bits
from lettershop.planning.plan import Plan
from lettershop.planning.sources import Context, col, table
from lettershop.planning.truth import Truth


class Evaluation:
    """The answer to a set of definitions at one moment."""

    def __init__(self, asker: Asker, truth: Truth, plan: Plan, context: Context) -> None:
        self.asker, self.truth, self.plan, self.context = asker, truth, plan, context
        self.frame = truth.frame
        self.definitions = {d.name: d for d in plan.definitions}
        self._names: dict[str, dict[int, str]] = {}

    def members(self, name: str) -> BitMap:
        """Dense ids of the members: contacts, accounts, or rows of `people`."""
        return self._ids(self.definitions[name].subject, self.truth.results[name].bits)

    def size(self, name: str) -> int:
        return int(self.truth.results[name].bits.sum())

    def universe(self, subject: Subject) -> BitMap:
        """Dense ids of everybody a segment of that subject is drawn from."""
        frame = self.frame
        match subject:
            case "contact":
                return self._ids(subject, frame.contacts.live)
            case "account":
                return self._ids(subject, frame.accounts.live)
            case "people":
                return self._ids(subject, frame.pair_account >= 0)

    def _ids(self, subject: Subject, bits: Bits) -> BitMap:
        if subject == "people":
            return _bitmap(self.frame.pair_id[bits])
        return _bitmap(np.flatnonzero(bits))

    def subjects(self, name: str) -> set[str] | set[tuple[str, str]]:
        """The members by identity: contact identities, account ids, or (contact, account)."""
        bits = self.truth.results[name].bits
        subject = self.definitions[name].subject
        if subject == "people":
            contacts, accounts = self.identities("contacts"), self.identities("accounts")
            pairs = zip(self.frame.pair_contact[bits], self.frame.pair_account[bits], strict=True)
            return {(contacts[int(c)], accounts[int(a)]) for c, a in pairs}
        identities = self.identities(f"{subject}s")
        return {identities[int(i)] for i in np.flatnonzero(bits)}

    def qualifying(self, name: str) -> dict[str, str]:
        """Of a contact segment that speaks of the account: each member's qualifying account, the
        one joined first among those that make the whole sentence true."""
        mask = self.truth.whole[name]
        if mask.grain == "contact":
            return {}
        contacts, accounts = self.identities("contacts"), self.identities("accounts")
        frame = self.frame
        bits = self.truth.over_pairs(mask) & (frame.pair_account >= 0)
        bits &= self.truth.results[name].bits[frame.pair_contact]
        best: dict[int, tuple[int, str]] = {}
        for pair in np.flatnonzero(bits):
            contact = int(frame.pair_contact[pair])
            rank = (int(frame.pair_joined[pair]), accounts[int(frame.pair_account[pair])])
            best[contact] = min(best.get(contact, rank), rank)
        return {contacts[contact]: rank[1] for contact, rank in best.items()}

    def identities(self, wide: str) -> dict[int, str]:
        """Of all `contacts` or `accounts`, by dense id."""
        if wide not in self._names:
            rows = self.asker.fetch(
                exp.select(col("id", "s"), col("identity", "s")).from_(table(wide, "s"), copy=False)
            )
            ids, names = rows["id"].tolist(), rows["identity"].tolist()
            self._names[wide] = dict(zip(ids, names, strict=True))
        return self._names[wide]


def _bitmap(ids: npt.NDArray[np.signedinteger]) -> BitMap:
    """pyroaring copies an `array` at once, but goes through anything else number by number."""
    return BitMap(array("I", ids.astype(np.uint32).tobytes()))
