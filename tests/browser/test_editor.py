"""The editor of templates in a real browser: it completes, marks what is wrong, shows and saves."""

import re
from uuid import uuid4

import pytest
from browsing import Open, axe
from playwright.sync_api import Page, expect


@pytest.fixture
def editor(open: Open) -> Page:
    """A new template of its own, opened."""
    page = open("editor")
    page.goto("/content/-/new")
    page.fill("#name", f"browser/{uuid4().hex}")
    page.check("[value=plain]")
    page.get_by_role("button", name="Create the draft").click()
    expect(page.locator(".cm-content")).to_be_visible()
    return page


def write(page: Page, typed: str) -> None:
    """A new line at the top of the letter."""
    page.locator(".cm-line", has_text="<mj-column>").click()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    page.keyboard.type(typed)


def test_variables_filters_and_elements_are_completed(editor: Page) -> None:
    write(editor, "<mj-text>{{ contact.fir")
    options = editor.locator(".cm-tooltip-autocomplete li")
    expect(options.first).to_contain_text("contact.first_name")
    editor.wait_for_timeout(150)  # keys that come at once are not meant for the list
    editor.keyboard.press("Enter")
    editor.keyboard.type(" | upca")
    expect(options.first).to_contain_text("upcase")
    editor.wait_for_timeout(150)
    editor.keyboard.press("Enter")
    line = editor.locator(".cm-activeLine")
    expect(line).to_contain_text(re.compile(r"\{\{ contact\.first_name \| upcase\s*\}\}"))


def test_what_is_wrong_is_marked_while_typing(editor: Page) -> None:
    write(editor, "<mj-text>{{ contact.frist_name }}</mj-text>")
    findings = editor.locator("#draft .findings")
    expect(findings).to_contain_text("letter.unknown_field", timeout=15_000)
    expect(editor.locator(".cm-lintRange-error")).to_have_count(1)
    expect(editor.locator("#unsaved")).to_be_visible()


def test_the_letter_is_shown_and_saved(editor: Page) -> None:
    write(editor, "<mj-text>A line of mine.</mj-text>")
    letter = editor.frame_locator("#draft iframe")
    expect(letter.locator("body")).to_contain_text("A line of mine.", timeout=15_000)
    editor.keyboard.press("Control+s")
    expect(editor.locator(".alert-success").first).to_contain_text("is saved")
    expect(editor.locator(".cm-content")).to_contain_text("A line of mine.")
    assert axe(editor) == []


def test_it_works_without_scripts(open: Open) -> None:
    page = open("editor", java_script_enabled=False)
    page.goto("/content/welcome/-/edit")
    area = page.locator("textarea")
    text = area.input_value()
    area.fill(text.replace("Welcome", "Good morning", 1))
    page.get_by_role("button", name="Check and preview").click()
    expect(page.locator("textarea")).to_have_value(re.compile("Good morning"))
    expect(page.locator("iframe.mail")).to_have_count(1)
