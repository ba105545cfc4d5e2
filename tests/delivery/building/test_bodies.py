"""Bodies, attachments and invitations come back as they went in, in lines of at most 76."""

import re

import pytest
from hypothesis import example, given, seed, settings, strategies as st

from lettershop.delivery.building import Attachment, Blueprint, StreamSettings
from lettershop.delivery.building.body import canonical, encoded
from lettershop.model.errors import InputError
from tests import seeds
from tests.delivery.building.letters import MARKETING, SENDER, built, parsed, part, rendered, slots

BODIES = st.one_of(
    st.text(max_size=600),
    st.text(st.sampled_from("a. =\tFrom \n\r-é日"), max_size=500),
    st.text(st.sampled_from("x =\n"), min_size=60, max_size=400),
    st.lists(
        st.sampled_from(
            [
                "From me",
                ".",
                "..",
                "x" * 75,
                "x" * 76,
                "x" * 77,
                " ",
                "\t",
                "é" * 25,
                "=",
                "--=_a17",
            ]
        ),
        max_size=30,
    ).map("\n".join),
    st.text(st.characters(categories=["Cs", "Cc", "Lo"]), max_size=60),
)
TRANSACTIONAL = StreamSettings(stream="transactional", sender=SENDER)


def as_lines(text: str) -> str:
    """What any reader makes of a text: its line ends as \\n, no half characters."""
    return canonical(text).decode().replace("\r\n", "\n")


@seed(seeds.seed())
@settings(max_examples=60, deadline=None)
@given(text=BODIES, html=BODIES)
@example(text="a" * 75 + " \nb", html="From " + "x" * 71 + " \n" + "From " + "y" * 300)
@example(text="x" * 70 + "From .", html="x" * 75 + ".\n" + "x" * 70 + "From .\n")
@example(text=" ", html="\t")
@example(text="\n", html="\n\n\n")
@example(text="x" * 76 + "\nFrom " + "=" * 30, html="x" * 5000 + "\n.\n")
def test_any_body_comes_back(text: str, html: str) -> None:
    content = built(rendered(text=text or "t", html=html or "h"))
    message = parsed(content)
    assert message.get_content_type() == "multipart/alternative"
    kinds = [one.get_content_type() for one in message.iter_parts()]
    assert kinds == ["text/plain", "text/html"]
    body = content.partition(b"\r\n\r\n")[2]
    assert max(map(len, body.split(b"\r\n"))) <= 76
    assert re.search(rb"(?m)^(From |\.\r?$)", body) is None
    assert part(message, "plain").replace("\r\n", "\n") == as_lines(text or "t")
    assert part(message, "html").replace("\r\n", "\n") == as_lines(html or "h")


@seed(seeds.seed())
@settings(max_examples=70, deadline=None)
@given(BODIES)
@example("日本語" * 400)
def test_the_shorter_encoding_is_taken(text: str) -> None:
    how, said = encoded(text)
    size = len(canonical(text))
    assert how in (b"quoted-printable", b"base64")
    assert len(said) < size * 1.45 + 20


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("日本語", b"base64"),
        ("Guten Tag, heute gibt es Schönes aus Köln. ", b"quoted-printable"),
        ("=", b"base64"),
    ],
)
def test_encodings(text: str, how: bytes) -> None:
    assert encoded(text * 99)[0] == how


@pytest.mark.parametrize(
    ("text", "html", "kind"),
    [("only text", "", "text/plain"), ("", "<p>only", "text/html"), ("", "", "text/plain")],
)
def test_a_letter_of_one_part(text: str, html: str, kind: str) -> None:
    message = parsed(built(rendered(text=text, html=html)))
    assert message.get_content_type() == kind
    assert message.get_content().strip() == (text or html)


@seed(seeds.seed())
@settings(max_examples=60, deadline=None)
@given(
    name=st.one_of(
        st.text(max_size=260), st.text(st.sampled_from('ä"\\/;\r\n. %*日'), max_size=90)
    ),
    content=st.binary(max_size=300),
)
@example(
    name="Angebot für Müller & Söhne – Dezember 2026 (endgültig, wirklich).pdf", content=b"%PDF"
)
@example(name='x"; evil="y\r\nBcc: a@b', content=b"")
@example(name='""', content=b"x")
@example(name="../../etc/passwd", content=b"\r\n.\r\n")
def test_any_attachment_comes_back(name: str, content: bytes) -> None:
    made = built(rendered(), attachments=(Attachment(name, "application/pdf", content),))
    message = parsed(made)
    assert [p.get_content_type() for p in message.walk()] == [
        *("multipart/mixed", "multipart/alternative", "text/plain", "text/html", "application/pdf")
    ]
    (file,) = message.iter_attachments()
    assert file.get_payload(decode=True) == content
    found = file.get_filename()
    assert found and not re.search(r"[\x00-\x1f/\\]", found)
    assert set(found) <= {*name, "-"} or found == "attachment"
    assert max(map(len, made.split(b"\r\n"))) <= 78


def test_names_of_files_are_kept() -> None:
    long = "Angebot für Müller & Söhne – Dezember 2026 (endgültig, wirklich).pdf"
    names = ["offer.pdf", "Größe.csv", "a b.txt", long, "100%.txt"]
    files = [Attachment(name, "text/csv", b"1,2") for name in names]
    message = parsed(Blueprint(MARKETING, files).build(rendered(), slots()))
    assert [file.get_filename() for file in message.iter_attachments()] == names
    assert part(message, "html") == "<p>Hello Eva</p>"


@pytest.mark.parametrize(
    "kind", ["pdf", "message/rfc822", "multipart/mixed", "a/b\r\nX: y", "", "a/b; c=d"]
)
def test_a_type_that_cannot_be(kind: str) -> None:
    with pytest.raises(InputError) as refused:
        Blueprint(TRANSACTIONAL, [Attachment("x", kind, b"")])
    assert refused.value.code == "attachment.type"
