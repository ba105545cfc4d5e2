"""Golden files: an example of each class of a proof, kept in the workspace to be compared with."""

from lettershop.app.letters import Letters
from lettershop.app.typeset import typeset
from lettershop.content.folder import CONTENT
from lettershop.content.proof.golden.files import Golden, read, remove, write
from lettershop.content.proof.golden.keeping import LeftOut, keep
from lettershop.content.proof.said import Proof


def write_golden(letters: Letters, name: str, proof: Proof) -> list[Golden | LeftOut]:
    """Write them below content/golden/; those of classes that are no longer there are removed."""
    content = letters.workspace.path / CONTENT
    kept = list(keep(proof, typeset(letters.shelf.named(name)).letters))
    now = {one.id for one in kept if isinstance(one, Golden)}
    before = [one.id for one in read(content) if one.template == name]
    for one in kept:
        if isinstance(one, Golden):
            write(content, one)
    for gone in before:
        if gone not in now:
            remove(content, name, gone)
    return kept
