"""A letter as dark mode shows it, and one whose links lead nowhere."""

import pytest

from lettershop.content.preview.dark import ALWAYS, NEVER, dark
from lettershop.content.preview.inert import inert

FORCED = "<style>:root { color-scheme: dark !important; }</style>"


def styled(css: str) -> str:
    return f"<html><head><style>{css}</style></head><body></body></html>"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            "@media (prefers-color-scheme: dark) {p{color:red}}",
            f"@media ({ALWAYS}) {{p{{color:red}}}}",
        ),
        ("@media (prefers-color-scheme:light) {p{}}", f"@media ({NEVER}) {{p{{}}}}"),
        (
            "@media screen and (PREFERS-COLOR-SCHEME : Dark) and (max-width: 9px) {p{}}",
            f"@media screen and ({ALWAYS}) and (max-width: 9px) {{p{{}}}}",
        ),
        ("@media (prefers-color-scheme:/* */dark) {p{}}", f"@media ({ALWAYS}) {{p{{}}}}"),
        (
            "@supports (color: red) { @media (prefers-color-scheme: dark) {p{}} }",
            f"@supports (color: red) {{ @media ({ALWAYS}) {{p{{}}}} }}",
        ),
        (
            "@media not all and (prefers-color-scheme: dark) {p{}}",
            f"@media not all and ({ALWAYS}) {{p{{}}}}",
        ),
        (
            "p { content: '(prefers-color-scheme: dark)' }",
            "p { content: '(prefers-color-scheme: dark)' }",
        ),
        ("@media (max-width: 480px) {p{}}", "@media (max-width: 480px) {p{}}"),
    ],
)
def test_rules_for_dark_mode_become_unconditional(said: str, shown: str) -> None:
    found = dark(styled(said))
    # what cannot be read back as the same text may be quoted differently
    assert found.replace('"(', "'(").replace(')"', ")'") == styled(shown).replace(
        "<head>", f"<head>{FORCED}"
    )


def test_pictures_and_style_sheets_for_dark_mode_are_chosen() -> None:
    letter = (
        '<picture><source media="(prefers-color-scheme: dark)" srcset="https://a.example/d.png">'
        "<img src='https://a.example/l.png' alt='(prefers-color-scheme: dark)'></picture>"
        "<style media='screen and (prefers-color-scheme: dark)'>p{color:red}</style>"
    )
    found = dark(letter)
    assert f'<source media="({ALWAYS})" srcset=' in found
    assert f'<style media="screen and ({ALWAYS})">' in found
    assert "alt='(prefers-color-scheme: dark)'" in found


@pytest.mark.parametrize(
    ("letter", "turned"),
    [
        ("<p>Hi</p>", True),
        ('<head><meta name="color-scheme" content="light dark"></head>', True),
        ('<head><meta name="color-scheme" content="light only"></head>', False),
        ("<style>:root { color-scheme: only light; }</style>", False),
        ("<style>:root { color-scheme: light dark; }</style>", True),
        ("<style>.color-scheme { --x-color-scheme: light; }</style>", True),
    ],
)
def test_letters_that_say_they_are_light_stay_light(letter: str, turned: bool) -> None:
    assert (FORCED in dark(letter)) is turned


def test_a_letter_without_any_rule_is_what_it_was() -> None:
    letter = "<html><head></head><body><p style='color: red'>Hi &amp; bye</p></body></html>"
    assert dark(letter).replace(FORCED, "") == letter


def test_links_ask_for_a_window_that_no_sandbox_opens() -> None:
    assert inert("<html><head><title>x</title></head>").startswith(
        '<html><head><base target="_blank">'
    )
    assert inert("<p>Hi</p>") == '<base target="_blank"><p>Hi</p>'
