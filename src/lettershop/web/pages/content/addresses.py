"""The addresses of this area."""

from typing import Final

from lettershop.web.pages.content import letters, proofs
from lettershop.web.pages.roles import page

PAGES: Final = [
    page("content", letters.show, "viewer"),
    page("content/<path:name>", letters.letter, "viewer"),
    page("letter/<path:name>", letters.frame, "viewer"),
    page("test-letter/<path:name>", letters.test_letter, "editor", "POST"),
    page("prove/<path:name>", proofs.prove, "editor", "POST"),
    page("proofs/<int:number>", proofs.show, "viewer"),
    page("proofs/<int:number>/cancel", proofs.cancel, "editor", "POST"),
    page("proofs/<int:number>/accept", proofs.accept, "editor", "POST"),
    page("proofs/<int:number>/withdraw", proofs.withdraw, "editor", "POST"),
]
