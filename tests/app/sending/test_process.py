"""`lettershop sender`: a real process, a real conversation with a mail server."""

import os
import subprocess
import sys
import time

from app.sending.office import Office, person
from delivery.senders.sink import running_sink

from lettershop.app.postoffice.senders import command
from lettershop.delivery.ledger import counting
from lettershop.delivery.ledger.content import Recipient

PROGRAM = "from lettershop.cli import main; main()"
COMMAND = [sys.executable, "-c", PROGRAM, "sender", "--log-level", "warning"]


def started(office: Office, port: int) -> "subprocess.Popen[bytes]":
    said = {"LETTERSHOP_SMTP": f"smtp://127.0.0.1:{port}"}
    program = command(office.folder)
    return subprocess.Popen(program, stdin=subprocess.PIPE, env=os.environ | said)


def test_letters_leave_and_the_process_ends_with_its_parent(office: Office) -> None:
    (office.folder / "lettershop.toml").write_text('postal_address = "1 Road, Town"')
    digest, awake = office.keep(), Recipient(zone="UTC")
    office.clock.at = time.time_ns() // 1_000_000
    people = [
        person(digest, f"P{n}", recipient=awake, provider="google" if n % 2 else "")
        for n in range(20)
    ]
    people.append(person(digest, "Eva", values={"contact": {"first_name": "Eva"}}))
    rows = office.send(people, "transactional:news", "transactional", "transactional")
    office.give_back(rows)
    with running_sink() as sink, started(office, sink.port) as process:
        end = time.monotonic() + 30
        while counting.counts(rows[0].send).open:
            assert time.monotonic() < end and process.poll() is None
            time.sleep(0.05)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(30) == 0
    found = counting.counts(rows[0].send)
    assert found.adds_up and found.states["accepted"] == 20 and found.states["suppressed"] == 1
    assert sink.taken.total() == len(sink.taken) == 20
    listed = {row.address: row.message_id for row in counting.rows(rows[0].send, limit=100)}
    assert all(
        sink.ids[row.replace("bücher", "xn--bcher-kva")] == [said]
        for row, said in listed.items()
        if said
    )


def test_a_wrong_setting_is_said_and_ends_it(office: Office) -> None:
    (office.folder / "lettershop.toml").write_text('smtp = "mx://"')
    done = subprocess.run(
        [*COMMAND, "--workspace", str(office.folder)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 3 and "mx:// names this machine" in done.stderr
