"""A session with a Spark: how it is addressed, and what is said when there is none."""

import sys
from pathlib import Path
from socket import create_server

import numpy as np
import pytest
from engines.worlds import sail

from lettershop.engines.spark.address import Address, address_of
from lettershop.engines.spark.session import connect
from lettershop.model.errors import InputError, Unavailable


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("local", Address("local", "local")),
        ("local[*]", Address("local[*]", "local")),
        ("local[3]", Address("local[3]", "local")),
        ("spark://one", Address("spark://one", "standalone", (("one", 7077),))),
        (
            "spark://one:7077,two:7078",
            Address("spark://one:7077,two:7078", "standalone", (("one", 7077), ("two", 7078))),
        ),
        ("sc://sail", Address("sc://sail", "connect", (("sail", 15002),))),
        (
            "sc://[::1]:50051/;user_id=ann;use_ssl=true",
            Address("sc://[::1]:50051/;user_id=ann;use_ssl=true", "connect", (("::1", 50051),)),
        ),
        ("yarn", Address("yarn", "managed")),
    ],
)
def test_addresses(text: str, address: Address) -> None:
    assert address_of(text) == address


def test_how_many_tasks_at_once() -> None:
    texts = ["local", "local[3]", "local[*]", "sc://sail"]
    assert [address_of(text).cores for text in texts] == [1, 3, None, None]


@pytest.mark.parametrize("text", ["", "localhost", "local[", "http://x", "sc://", "spark://a:b"])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(InputError) as caught:
        connect(text)
    assert caught.value.code == "spark.address"


@pytest.mark.parametrize("scheme", ["sc", "spark"])
def test_nobody_there(scheme: str) -> None:
    with create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(Unavailable) as caught:
        connect(f"{scheme}://127.0.0.1:{port}")
    assert caught.value.code == "spark.unreachable"


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(InputError) as caught:
        connect("sc://127.0.0.1")
    assert caught.value.code == "spark.missing"
    assert "lettershop[spark]" in caught.value.hint


def test_without_java(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(InputError) as caught:
        connect("local[2]")
    assert caught.value.code == "spark.java"


def test_what_spark_answers() -> None:
    rows = sail().fetch(
        "SELECT * FROM VALUES (1, 'a', true, 1.5D), (CAST(NULL AS INT), NULL, NULL, NULL)"
        " AS t (n, t, b, d)"
    )
    assert {name: np.ma.getmaskarray(values).tolist() for name, values in rows.items()} == {
        name: [False, True] for name in "ntbd"
    }
    assert [rows[name][0] for name in "ntbd"] == [1, "a", True, 1.5]


def test_arrays_become_tables() -> None:
    session = sail()
    for size in (3, 0):
        session.publish("told", {"id": np.arange(size, dtype=np.int32), "x": np.ones(size, "i2")})
        assert session.fetch("SELECT sum(id + x) AS s, count(*) AS n FROM told")["n"] == [size]
    session.drop("told")


def test_a_question_that_cannot_be_answered() -> None:
    with pytest.raises(Unavailable) as caught:
        sail().fetch("SELECT nothing FROM nowhere")
    assert caught.value.code == "spark.failed"
    assert "nowhere" in caught.value.message
