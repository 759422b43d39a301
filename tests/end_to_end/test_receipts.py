"""A receipt taken along from a meeting proves what was said, offline; and changed, it does not."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Download, Page

from assent_vault.formats.suite import decode, encode
from assent_vault.receipt.check import NAMES
from support.fresh import KINDS, Fresh, fresh, says
from support.person import Person
from support.recordings import Recording
from support.scenario import Scenario, all_say
from support.server import Server
from support.waiting import eventually

pytestmark = pytest.mark.browser


async def offline(*arguments: str | Path, folder: Path) -> tuple[int, str]:
    """Run ``assent-vault verify`` where there is nothing of the server, not even a setting."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "assent_vault.cli", "verify", *map(str, arguments)),
        cwd=folder,
        env={"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode is not None, "communicate waits for the end"
    return process.returncode, output.decode()


async def saved(page: Page, button: str, folder: Path) -> Path:
    """Press a button that saves a file; return it under the name that it was given."""
    async with page.expect_download() as downloading:
        await page.get_by_role("button", name=button, exact=True).click()
    download: Download = await downloading.value
    path = folder / download.suggested_filename
    await download.save_as(path)
    return path


async def verdict(page: Page) -> dict[str, tuple[str, str | None]]:
    """Wait for the verdict; return state and code of every check that the page shows."""
    await page.locator("[data-verdict=holds], [data-verdict=fails]").wait_for()
    shown = await page.locator("[data-check]").evaluate_all(
        "items => items.map(({dataset}) => [dataset.check, dataset.state, dataset.code ?? null])"
    )
    assert [name for name, _, _ in shown] == list(NAMES)
    return {name: (state, code) for name, state, code in shown}


def changed(path: Path, change: Any) -> Path:
    """Return a copy of a receipt that somebody has changed."""
    receipt = json.loads(path.read_text())
    change(receipt)
    copy = path.with_name("changed.assent-receipt.json")
    copy.write_text(json.dumps(receipt, ensure_ascii=False, separators=(",", ":")))
    return copy


def says_no(receipt: Any) -> None:
    """Make a no of the last answer's yes to training."""
    said = receipt["statements"][-1]
    body = decode(said["document"]).replace(b'"training":"yes"', b'"training":"no"')
    said["document"] = encode(re.sub(rb'"sealed":"[^"]*"', b'"sealed":null', body))


def altered(path: Path, name: str, old: bytes) -> Path:
    """Return a copy of a receipt in which one byte is another: the middle one of what is given."""
    body = bytearray(path.read_bytes())
    assert body.count(old) >= 1, "it is in the receipt"
    at = body.index(old) + len(old) // 2
    body[at] = ord("B" if body[at] != ord("B") else "C")
    copy = path.with_name(f"{name}.assent-receipt.json")
    copy.write_bytes(body)
    return copy


async def outcome(page: Fresh, of: str = "") -> tuple[str, dict[str, tuple[str, str | None]]]:
    """Wait for the verdict (on the file of that name); return it, and what stands at each check."""
    found: dict[str, Any] = {}

    async def there() -> bool:
        found.update(await page.evaluate(_OUTCOME))
        title = found["title"] or ""
        return title.endswith(of) and found["verdict"] in ("holds", "fails")

    await eventually(there, f"the page says whether {of or 'it'} holds")
    assert [name for name, _, _ in found["checks"]] == list(NAMES)
    return found["verdict"], {name: (state, code) for name, state, code in found["checks"]}


_OUTCOME = """
() => ({
  title: document.querySelector("#proof")?.textContent ?? null,
  verdict: document.querySelector("[data-verdict]")?.dataset.verdict ?? null,
  checks: [...document.querySelectorAll("[data-check]")].map(({ dataset }) => [
    dataset.check, dataset.state, dataset.code ?? null,
  ]),
})
"""


async def in_a_meeting(scenario: Scenario) -> list[Person]:
    host = await scenario.host()
    link = await host.create_meeting("Weekly")
    await host.enter_as_host()
    ada = await scenario.person("Ada")
    await ada.arrive(link)
    for person in (host, ada):
        await person.answer_at_the_door(recording=True, training=True)
        await person.join()
    return [host, ada]


async def test_a_receipt_taken_along_is_proof_without_the_server(
    scenario: Scenario, server: Server, tmp_path: Path
) -> None:
    await scenario.open(server)
    host, ada = await in_a_meeting(scenario)
    await host.arm()
    await all_say([host, ada], "recording")
    await Recording(server, host.meeting).grows(generations=1, segments=2)
    await ada.leave()
    kept = await saved(ada.page, "Download receipt", tmp_path)
    assert re.fullmatch(r"assent-[\w-]{8}\.assent-receipt\.json", kept.name)
    assert ada.seed not in kept.read_bytes()
    assert encode(ada.seed).encode() not in kept.read_bytes()
    info = json.loads(await ada.page.evaluate("fetch('/api/info').then((it) => it.text())"))
    await server.stop()

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    code, said = await offline(kept, folder=elsewhere)
    assert (code, "IT HOLDS." in said) == (0, True), said
    assert "Answer 1: recording yes, training yes" in said
    assert "Stretch 1 of the recording began." in said
    assert "named by the file itself" in said
    pins = ("--server-key", info["server_key"], "--vault-key", info["vault_identity"])
    code, said = await offline(kept, *pins, folder=elsewhere)
    assert (code, said.count("the one you gave")) == (0, 2), said
    swapped = ("--server-key", info["vault_identity"])
    code, said = await offline(kept, *swapped, folder=elsewhere)
    assert (code, "other-key" in said) == (1, True), said

    def other_words(receipt: Any) -> None:
        receipt["notices"][0]["text"] += " And whatever else we like."

    for change, failure in ((other_words, "other-words"), (says_no, "bad-signature")):
        code, said = await offline(changed(kept, change), folder=elsewhere)
        assert (code, "IT DOES NOT HOLD." in said, failure in said) == (1, True, True), said


async def test_it_is_checked_in_front_of_ones_eyes(
    scenario: Scenario, server: Server, tmp_path: Path
) -> None:
    await scenario.open(server)
    host, ada = await in_a_meeting(scenario)
    await host.end()
    await ada.has_left()

    # In the browser that was in the meeting the keys are those that it met at the door.
    page = await ada.context.new_page()
    await page.goto(ada.receipt_link)
    assert set((await verdict(page)).values()) == {("holds", None)}

    # Where nothing is known beforehand, the page says on whose word it holds.
    await ada.change_afterwards(training="withdrawn")
    await page.evaluate("indexedDB.deleteDatabase('assent')")
    await page.reload()
    found = await verdict(page)
    assert {name for name, (state, _) in found.items() if state == "own-word"} == {
        "server",
        "vault",
    }
    kept = await saved(page, "Download receipt", tmp_path)
    record = await saved(page, "Download consent record", tmp_path)
    out = tmp_path / "record.jsonld"
    code, said = await offline(kept, "--record", out, folder=tmp_path)
    assert (code, "training withdrawn" in said) == (0, True), said
    assert record.read_bytes() == out.read_bytes()

    async def carried_out() -> bool:
        await page.reload()
        await verdict(page)
        again = await saved(page, "Download receipt", tmp_path)
        return (
            "The vault carried out what answer 2 takes back."
            in (await offline(again, folder=tmp_path))[1]
        )

    await eventually(carried_out, "the vault's own word is in the receipt")

    # Anybody can check it, and nothing of it is sent.
    stranger = await host.context.new_page()
    await stranger.goto(f"{server.url}/verify")
    await stranger.get_by_role("heading", name="Check a receipt").wait_for()
    await stranger.wait_for_load_state("networkidle")
    sent: list[str] = []
    stranger.on("request", lambda request: sent.append(request.url))
    chooser = stranger.locator("input[type=file]")
    await chooser.set_input_files(kept)
    assert {state for state, _ in (await verdict(stranger)).values()} == {"holds", "own-word"}
    await stranger.get_by_text("The person was asked, and signed on entering.").wait_for()
    await chooser.set_input_files(changed(kept, lambda receipt: receipt["notices"].pop()))
    await stranger.locator("[data-verdict=fails]").wait_for()
    found = await verdict(stranger)
    assert found["words"] == ("fails", "other-languages")
    assert await stranger.get_by_role("main").get_by_text("This does not hold.").is_visible()
    assert not [url for url in sent if not url.startswith(f"{server.url}/assets/")]
    assert ada.problems == []
    assert host.problems == []


@pytest.mark.parametrize("kind", KINDS)
async def test_a_browser_that_knows_nothing_sees_what_holds(
    scenario: Scenario, tmp_path: Path, kind: str
) -> None:
    server = await scenario.open(Server(tmp_path / "server"))
    host, ada = people = await in_a_meeting(scenario)
    await host.arm()
    await all_say(people, "recording")
    await Recording(server, host.meeting).grows(generations=1, segments=2)
    await host.end()
    for person in people:
        await person.has_left()
    all_holds = {
        name: ("own-word" if name in ("server", "vault") else "holds", None) for name in NAMES
    }
    async with fresh(kind) as page:
        # In front of one's eyes, from the link alone.
        await page.goto(ada.receipt_link)
        assert await outcome(page) == ("holds", all_holds)
        await says(page, "Everything holds.")
        kept = await page.save("Download receipt", tmp_path)
        assert re.fullmatch(r"assent-[\w-]{8}\.assent-receipt\.json", kept.name)

        # And the file, where anybody can check anybody's.
        await page.goto(f"{server.url}/verify")
        await page.choose("input[type=file]", kept)
        assert await outcome(page, kept.name) == ("holds", all_holds)
        await says(page, "The person was asked, and signed on entering.")

        # One byte of it, wherever it is.
        receipt = json.loads(kept.read_bytes())
        enrolment, answer = receipt["statements"]
        for check, code, part in (
            ("file", "not-a-receipt", '"statements"'),
            ("words", "other-words", receipt["notices"][0]["text"].split("\n")[0]),
            ("vault-key", "bad-signature", receipt["vault_key"]["signature"]),
            ("enrolment", "bad-signature", enrolment["signature"]),
            ("answers", "bad-signature", answer["signature"]),
            ("log", "bad-signature", receipt["log"]["signature"]),
            ("acknowledgements", "bad-signature", answer["acknowledgement"]["signature"]),
            ("inclusion", "not-in-log", answer["entry"]["salt"]),
        ):
            other = altered(kept, check, part.encode())
            await page.choose("input[type=file]", other)
            said, found = await outcome(page, other.name)
            fails = {name: code for name, (state, code) in found.items() if state == "fails"}
            assert (said, fails) == ("fails", {check: code})
            await says(page, "This does not hold.")
            assert not await page.evaluate("() => !!document.querySelector('#story')")

        # Nor can the server show another receipt than the one that the log has.
        server.query(
            "UPDATE log_entries SET salt = ? WHERE number = ?",
            bytes(32),
            answer["entry"]["index"],
        )
        await page.goto(ada.receipt_link)
        said, found = await outcome(page)
        assert (said, found["inclusion"]) == ("fails", ("fails", "not-in-log"))
        await says(page, "This does not hold.")
        assert await page.complaints() == []
