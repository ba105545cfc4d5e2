"""The addresses of this area. What is done with a template stands behind `/-/`, since its name may
have slashes."""

from typing import Final

from lettershop.web.pages.content import (
    catalogs,
    editing,
    files,
    letters,
    listing,
    people,
    proofs,
    publishing,
    words,
)
from lettershop.web.pages.roles import page

PAGES: Final = [
    page("content", listing.templates, "viewer"),
    page("content/-/new", listing.new_template, "editor", "GET POST"),
    page("content/-/reference", words.letter_reference, "viewer"),
    page("content/-/drafted/<slug:key>", editing.drafted_letter, "editor"),
    page("content/<path:name>/-/edit", editing.edit_letter, "editor", "GET POST"),
    page("content/<path:name>/-/draft", editing.draft_letter, "editor", "POST"),
    page("content/<path:name>/-/known", words.known_words, "viewer"),
    page("content/<path:name>/-/back", files.back_to, "editor", "POST"),
    page("content/<path:name>/-/add", files.add_file, "editor", "POST"),
    page("content/<path:name>/-/remove", files.remove_file, "editor", "GET POST"),
    page("content/<path:name>/-/changes", publishing.template_changes, "viewer"),
    page("content/<path:name>/-/publish", publishing.publish_template, "editor", "POST"),
    page("content/<path:name>/-/versions/<int:number>", publishing.template_version_page, "viewer"),
    page("content/<path:name>/-/people", people.letter_people, "viewer"),
    page("content/<path:name>/-/beside/<slug:way>", people.letter_beside, "viewer"),
    page("content/<path:name>", letters.letter, "viewer"),
    page("letter/<path:name>", letters.letter_frame, "viewer"),
    page("test-letter/<path:name>", letters.send_test_letter, "editor", "POST"),
    page("prove/<path:name>", proofs.prove_letter, "editor", "POST"),
    page("proofs/<int:number>", proofs.proof, "viewer"),
    page("proofs/<int:number>/part", proofs.proof_progress, "viewer"),
    page("proofs/<int:number>/cancel", proofs.cancel_proof, "editor", "POST"),
    page("proofs/<int:number>/accept", proofs.accept_finding, "editor", "POST"),
    page("proofs/<int:number>/withdraw", proofs.withdraw_acceptance, "editor", "POST"),
    page("catalog", catalogs.all_catalogs, "viewer"),
    page("catalog/<slug:name>", catalogs.one_catalog, "viewer"),
    page("catalog/<slug:name>/<path:key>", catalogs.one_item, "viewer"),
]
