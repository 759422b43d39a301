"""A disk that runs full takes no answer from anybody: kept room, and what holds without any."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page

from support.commands import EXPORT
from support.data_folder import files
from support.person import Person
from support.recordings import Recording
from support.scenario import Scenario, all_say
from support.server import Server
from support.small_disk import SmallDisk, small_disk
from support.troubled import Troubled
from support.waiting import eventually

pytestmark = pytest.mark.browser

MEGABYTES = 8
NOT_TAKEN = "Not taken yet."
# What is said aloud from now on.
LISTEN = """
() => {
  globalThis.assentSaid = [];
  for (const region of document.querySelectorAll("[data-live]")) {
    new MutationObserver(() => globalThis.assentSaid.push(region.textContent))
      .observe(region, { childList: true, characterData: true, subtree: true });
  }
}
"""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """Give a disk of 8 MB for everything that the server keeps."""
    with small_disk(tmp_path / "server" / "data", MEGABYTES) as disk:
        yield disk


def make_full(disk: SmallDisk, server: Server) -> None:
    """Fill the disk, and the database's own reserves, until nothing more can be written to it."""
    disk.fill()
    with sqlite3.connect(server.data / "assent.db", timeout=30, isolation_level=None) as probe:
        probe.execute("PRAGMA journal_mode = WAL")
        for size in (65536, 4096, 64):
            try:
                probe.execute("CREATE TABLE IF NOT EXISTS probes (content BLOB)")
                for _ in range(MEGABYTES * 1_000_000 // size):
                    probe.execute("INSERT INTO probes VALUES (?)", (bytes(size),))
            except sqlite3.OperationalError:
                pass
            disk.fill()
    probe.close()


async def withdraw(person: Person, page: Page) -> None:
    """Press what withdraws recording, and with it training."""
    await page.get_by_role("button", name="Withdraw my yes to recording").click()
    dialog = page.get_by_role("dialog", name="Withdraw your yes?")
    await dialog.get_by_role("button", name="Withdraw", exact=True).click()


async def says_not_taken(page: Page) -> None:
    """Wait until the page says, where the button was, that it was not taken; never a yes."""
    own = page.locator(".own-answer[data-purpose=recording]")
    await own.locator(".not-taken", has_text=NOT_TAKEN).wait_for()
    assert await own.get_attribute("data-will") == "not-taken"
    assert await own.locator(".will").inner_text() == "Withdrawn"
    assert await page.locator(".own-answer[data-will=yes]").count() == 0


async def is_in_view(page: Page) -> bool:
    """Whether what is said beside the button can be read without scrolling."""
    found = await page.locator(".own-answer[data-purpose=recording] .not-taken").evaluate(
        """(element) => {
          const box = element.getBoundingClientRect();
          const seen = document.elementFromPoint(box.left + 8, box.top + 8);
          return box.top >= 0 && box.left >= 0 && box.right <= innerWidth && box.top < innerHeight
            && element.contains(seen);
        }"""
    )
    return bool(found)


async def recording(scenario: Scenario, server: Server) -> tuple[Person, Person]:
    await scenario.open(server)
    host, ada = await scenario.meeting(["Ada"], training=True)
    await host.arm()
    await all_say([host, ada], "recording")
    await Recording(server, host.meeting).grows(generations=1, segments=4)
    return host, ada


async def test_recording_ends_in_time_for_what_people_take_back(
    scenario: Scenario, tmp_path: Path, disk: SmallDisk
) -> None:
    server = Troubled(tmp_path / "server", settings={"free_space_floor_mb": 2})
    host, ada = await recording(scenario, server)
    disk.fill(leave=1_500_000)
    await all_say([host, ada], "paused")
    for person in (host, ada):
        await person.page.get_by_text("The server's disk is nearly full.").wait_for()
    assert server.reasons() == ["space-low"]
    # It goes on by itself,
    disk.relieve()
    await all_say([host, ada], "recording")
    await host.page.get_by_text("The server's disk is nearly full.").wait_for(state="detached")
    assert server.reasons() == []
    # and while it does not, whoever takes something back is heard.
    disk.fill(leave=1_500_000)
    await all_say([host, ada], "paused")
    await ada.change(recording="withdrawn")
    disk.relieve()
    await host.end()
    await host.has_left()
    await host.sees_blocked(withdrawn=1, others=True)
    code, said = await server.vault_command(*EXPORT, "--out", str(tmp_path / "x"))
    assert code == 1, said


async def test_on_a_full_disk_a_withdrawal_is_sent_until_it_is_taken(
    scenario: Scenario, tmp_path: Path, disk: SmallDisk
) -> None:
    """The floor is off, so the disk really runs full."""
    server = Troubled(tmp_path / "server", settings={"free_space_floor_mb": 0})
    host, ada = await recording(scenario, server)
    make_full(disk, server)
    page = ada.page
    await ada._open_answers()
    await page.set_viewport_size({"width": 320, "height": 568})
    await page.evaluate(LISTEN)
    await withdraw(ada, page)
    await says_not_taken(page)
    await page.screenshot(path=tmp_path / "not-taken-320.png")
    await eventually(lambda: is_in_view(page), "it is said in view, on the smallest page")
    await all_say([host], "paused")
    assert "answers-owed" in (server.reasons() or [])
    assert any(text.startswith(NOT_TAKEN) for text in await page.evaluate("globalThis.assentSaid"))
    # After a reload it is not yes again, and goes on being sent.
    await page.set_viewport_size({"width": 900, "height": 600})
    await page.reload()
    await says_not_taken(page)
    disk.relieve()
    await page.locator(".own-answer[data-purpose=recording][data-will=withdrawn]").wait_for()
    await page.locator(".own-answer[data-purpose=training][data-will=withdrawn]").wait_for()
    await eventually(lambda: "answers-owed" not in (server.reasons() or ["?"]), "none is owed")
    await host.end()
    await host.has_left()
    await host.sees_blocked(withdrawn=1, others=True)
    code, said = await server.vault_command(*EXPORT, "--out", str(tmp_path / "x"))
    assert code == 1, said
    assert not files(tmp_path, ".webm")
    assert not files(tmp_path, ".opus")


REFUSE = {
    "sqlite": (
        "CREATE TRIGGER refuses BEFORE INSERT ON statements BEGIN SELECT RAISE(ABORT, 'full'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION refuses() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RAISE disk_full; END $$",
        "CREATE TRIGGER refuses BEFORE INSERT ON statements"
        " FOR EACH ROW EXECUTE FUNCTION refuses()",
    ),
}
TAKE = {
    "sqlite": ("DROP TRIGGER refuses",),
    "postgresql": ("DROP TRIGGER refuses ON statements",),
}


async def test_while_the_store_refuses_the_release_is_blocked(
    scenario: Scenario, server: Server, tmp_path: Path
) -> None:
    """Over the end of the meeting, and over a restart, with the page that knows of it gone."""
    kind = server.database_url.partition(":")[0]
    troubled = Troubled(server.folder, server.database_url)
    host, ada = await recording(scenario, troubled)
    for statement in REFUSE[kind]:
        troubled.query(statement)
    page = ada.page
    await ada._open_answers()
    await withdraw(ada, page)
    await says_not_taken(page)
    await all_say([host], "paused")
    await ada.context.close()

    await host.end()
    await host.has_left()
    await host.sees_blocked(answers_owed=1)
    code, said = await troubled.vault_command(*EXPORT, "--out", str(tmp_path / "x"))
    assert code == 1, said
    await troubled.kill()
    await troubled.start_troubled()
    await eventually(lambda: troubled.reasons() == ["answers-owed"], "it is owed after a restart")
    code, said = await troubled.vault_command(*EXPORT, "--out", str(tmp_path / "x"))
    assert code == 1, said
    await host.sees_blocked(answers_owed=1)

    # The server has kept it, and stores it by itself.
    for statement in TAKE[kind]:
        troubled.query(statement)
    await host.sees_blocked(withdrawn=1, others=True)
    await eventually(lambda: troubled.reasons() == [], "nothing is owed any more")
    assert not files(tmp_path, ".webm")
    assert not files(tmp_path, ".opus")
