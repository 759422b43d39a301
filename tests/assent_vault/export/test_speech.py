"""A track that is listened to: a child that hears, and those that die, hang or lie."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from assent_vault.errors import LeaseLost
from assent_vault.export import speech
from assent_vault.export.speech import TrackListener
from support.spoken import conversation, encoded

LENGTH = 10_000


def program(text: str) -> list[str]:
    return [sys.executable, "-c", text]


def feed(listener: TrackListener, times: int = 1) -> None:
    packets = encoded(conversation(0, LENGTH)[0])
    for _ in range(times):
        for data in packets:
            listener.packet(data, 960)


def test_a_child_hears() -> None:
    listener = TrackListener(LENGTH + 3_600_000)
    said = conversation(0, LENGTH)[1]
    listener.silence(48 * 3_600_000)
    feed(listener)
    heard = listener.finish()
    listener.close()
    assert listener.failure is None
    assert heard is not None
    assert heard.annotation == "webrtcvad"
    assert len(heard.turns) == len(said)
    for found, (start, end) in zip(heard.turns, said, strict=True):
        assert found == pytest.approx((3_600_000 + start, 3_600_000 + end), abs=100)
    assert heard.level is not None
    assert -40 < heard.level < -10


LIES = {
    "crashed": "import os; os.kill(os.getpid(), 9)",
    "crashed late": "import os, sys; sys.stdin.buffer.read(70000); os.abort()",
    "crashed with an answer": "import sys; sys.stdin.buffer.read(); sys.exit(1)",
    "bad-answer": "import sys; sys.stdin.buffer.read(); print('no')",
    "bad-answer without end": (
        "import sys; sys.stdin.buffer.read()\nwhile True: sys.stdout.write('x' * 65536)"
    ),
    "timeout": "import time; time.sleep(1000)",
    "timeout after all of it": "import sys, time; sys.stdin.buffer.read(); time.sleep(1000)",
    "crashed with its mouth shut": (
        "import os, sys, time; sys.stdin.buffer.read(); os.close(1); time.sleep(1000)"
    ),
}


@pytest.mark.parametrize("what", LIES)
def test_a_child_that_fails_costs_the_annotation(what: str) -> None:
    stalled = 3.0 if "sleep" in LIES[what] else speech.STALLED
    listener = TrackListener(LENGTH, program=program(LIES[what]), stalled=stalled)
    feed(listener, 5)
    assert listener.finish() is None
    assert listener.failure == what.split()[0]
    assert listener._child is None
    listener.packet(b"\xf8\xff\xfe", 960)
    listener.close()


def test_a_child_that_takes_a_little_at_a_time_is_not_waited_for_without_end() -> None:
    slow = "import os, time\nwhile os.read(0, 512): time.sleep(0.2)"
    listener = TrackListener(LENGTH, program=program(slow), stalled=60.0, patience=0.0)
    began = time.monotonic()
    feed(listener, 6)
    assert listener.finish() is None
    assert listener.failure == "timeout"
    assert time.monotonic() - began < 200


def test_what_is_not_there_is_not_started() -> None:
    listener = TrackListener(LENGTH, program=["/nonexistent"])
    feed(listener)
    assert listener.finish() is None
    assert listener.failure == "not-started"


def test_what_ends_the_export_is_looked_at_while_a_child_hangs() -> None:
    def look() -> None:
        raise LeaseLost("gone")

    listener = TrackListener(LENGTH, look, program=program(LIES["timeout"]))
    try:
        with pytest.raises(LeaseLost):
            feed(listener, 20)
    finally:
        child = listener._child
        listener.close()
    assert child is not None
    assert child.returncode == -9


def test_a_child_has_nothing_of_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the vault, and no descriptor but three."""
    monkeypatch.setenv("ASSENT_DATABASE_URL", "postgresql://secret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    out = tmp_path / "seen"
    secret = os.open(tmp_path, os.O_RDONLY)
    os.set_inheritable(secret, True)
    text = (
        "import os, sys; sys.stdin.buffer.read();"
        f"open({str(out)!r}, 'w').write(repr((sorted(os.environ),"
        " sorted(int(n) for n in os.listdir('/proc/self/fd'))[:4])))"
    )
    listener = TrackListener(LENGTH, program=program(text))
    feed(listener)
    assert listener.finish() is None
    os.close(secret)
    seen = out.read_text()
    assert "secret" not in seen
    assert "ASSENT" not in seen
    assert "AWS" not in seen
    names, descriptors = eval(seen)
    assert set(names) <= {*speech._ONE_THREAD, "PATH", "LANG", "LD_LIBRARY_PATH", "VIRTUAL_ENV"} | {
        name for name in names if name.startswith(("LC_", "PYTHON"))
    }
    assert secret not in descriptors
