"""Patterns on the machines that do the work. Loaded with the extra `spark` only (`library.py`).

No regular expression of Java's or Rust's means quite what RE2's do, so Python asks RE2.
"""

import pyarrow as pa
import re2


def matches(texts: pa.Array, patterns: pa.Array) -> pa.Array:
    """Whether RE2 finds the pattern in the text, whatever the case; NULL for NULL.

    Texts that come again in a batch are looked at once."""
    options = re2.Options()
    options.case_sensitive = False
    found: dict[tuple[str | None, str], bool | None] = {}
    answers = []
    for asked in zip(texts.to_pylist(), patterns.to_pylist(), strict=True):
        if asked not in found:
            text, pattern = asked
            hit = text is not None and re2.search(pattern, text, options) is not None
            found[asked] = None if text is None else hit
        answers.append(found[asked])
    return pa.array(answers, pa.bool_())
