"""What cannot be undone is asked first: the rows of client-web/src/acts.ts, walked in real pages.

Before the question is answered nothing is sent; with *Cancel* nothing is sent at all; with the
answer just that is.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Dialog, Page, expect

from support.console_notice import draft_notice
from support.scenario import Scenario
from support.server import ROOT, Server

pytestmark = pytest.mark.browser

_ROW = re.compile(r'"(http|socket|here) ([\w.]+)": "(asks|asks in part)"')
ASKED: Final = {
    f"{way} {name}"
    for way, name, _ in _ROW.findall((ROOT / "client-web" / "src" / "acts.ts").read_text())
}
# What each request looks like on the wire.
_ROUTES: Final = {
    "http admin.publishNotice": "/api/admin/notices",
    "http newLink": "/link",
    "http endMeeting": "/end",
    "http answer": "/api/answers",
    "http revoke": "/revoke",
    "http admin.requestExport": "/api/admin/exports",
    "http admin.askForDownload": "/download",
    "http admin.approveDownload": "D/approve",
    "http admin.declineDownload": "D/decline",
    "http admin.approveExport": "A/approve",
    "http admin.declineExport": "A/decline",
    "http admin.takeBackExport": "/take-back",
    "http admin.setDisabled": "/disabled",
    "http admin.resetPassword": "/reset",
}

# As if the server had lost this browser's seat: its token is another.
_FORGOTTEN: Final = """
async () => {
  const { promise, resolve } = Promise.withResolvers();
  const opening = indexedDB.open("assent");
  opening.onsuccess = () => resolve(opening.result);
  const seats = (await promise).transaction("seats", "readwrite").objectStore("seats");
  const all = seats.getAll();
  await new Promise((done) => { all.onsuccess = done; });
  for (const seat of all.result) seats.put({ ...seat, token: "A".repeat(43) });
  await new Promise((done) => { seats.transaction.oncomplete = done; });
  opening.result.close();
}
"""


class Sent:
    """What a page has sent that does something: requests that are no reading, and messages."""

    def __init__(self, page: Page) -> None:
        self.acts: list[str] = []
        page.on("request", lambda request: self._asked(request.method, request.url))
        page.on("websocket", lambda socket: socket.on("framesent", self._said))

    def _asked(self, method: str, url: str) -> None:
        if method != "POST":
            return
        self.acts += [act for act, end in _ROUTES.items() if url.endswith(end)]

    def _said(self, frame: str | bytes) -> None:
        found = re.search(r'"type":"(\w+)"', str(frame))
        if found is not None and f"socket {found[1]}" in ASKED:
            self.acts.append(f"socket {found[1]}")


def _propose(server: Server) -> None:
    """Have two exports wait that somebody else has asked for, and one of the host's own."""
    rows = server.query("SELECT id, role FROM accounts")
    accounts = {role: id_ for id_, role in rows}
    for number, (name, role) in enumerate(
        (("First", "host"), ("Second", "host"), ("Third", "administrator"))
    ):
        server.query(
            "INSERT INTO exports (id, state, requested_by, requested_at, recipient, purpose,"
            " meetings_done, meetings_total) VALUES (?, 'proposed', ?, ?, ?, 'x', 0, 0)",
            f"{number}" * 21 + "A", accounts[role], int(time.time() * 1000), name,
        )  # fmt: skip


def _wants(server: Server) -> None:
    """Have a data set stand written, and another administrator want it twice."""
    rows = server.query("SELECT id FROM accounts WHERE role = 'host'")
    now = int(time.time() * 1000)
    server.query(
        "INSERT INTO exports (id, state, requested_at, finished_at, manifest_digest, recipient,"
        " purpose, meetings_done, meetings_total) VALUES (?, 'done', ?, ?, ?, 'Fourth', 'x', 1, 1)",
        "3" * 21 + "A", now, now, bytes(32),
    )  # fmt: skip
    for number in range(2):
        server.query(
            "INSERT INTO export_downloads (id, export_id, public_key, state, requested_by,"
            " requested_at, seen_at) VALUES (?, ?, ?, 'proposed', ?, ?, ?)",
            f"{number}" * 21 + "D", "3" * 21 + "A", b"", rows[0][0], now + number, now,
        )  # fmt: skip


async def _asks(page: Page, sent: Sent, act: str, button: str, *, cancel: str = "Cancel") -> None:
    """Press a button: a question comes; take it back, then go through with it."""
    await page.wait_for_timeout(300)
    before = list(sent.acts)
    name = re.compile(f"^{re.escape(button)}")
    # The button may itself stand in a dialog.
    there = await page.get_by_role("dialog").count()
    for answer in (cancel, None):
        await page.get_by_role("button", name=name).first.click()
        dialog = page.get_by_role("dialog").nth(there)
        await expect(dialog).to_be_visible()
        assert len(await dialog.locator(".dialog-content").inner_text()) > 40, "says what it does"
        assert sent.acts == before, "nothing is sent before it is answered"
        buttons = dialog.locator(".dialog-actions button")
        if answer is not None:
            await dialog.get_by_role("button", name=answer).click()
            await expect(dialog).to_have_count(0)
            await page.wait_for_timeout(200)
            assert sent.acts == before, "nothing is sent where it was not wanted"
            continue
        await buttons.last.click()
        if not act.startswith("here"):
            await page.wait_for_timeout(100)
            for _ in range(100):
                if sent.acts == [*before, act]:
                    break
                await page.wait_for_timeout(100)
            assert sent.acts == [*before, act], "just that is sent"


async def test_every_act_that_cannot_be_undone_is_asked_about(
    scenario: Scenario, tmp_path: Path
) -> None:
    await scenario.open(Server(tmp_path / "server", settings={"export_downloads": 1}))
    host = await scenario.host()
    page = host.page
    walked: set[str] = set()

    async def walk(
        page: Page, sent: Sent, act: str, button: str, *, cancel: str = "Cancel"
    ) -> None:
        await _asks(page, sent, act, button, cancel=cancel)
        walked.add(act)

    # The console: an account to shut out.
    await page.get_by_role("button", name="Invite a host").click()
    invitation = await page.get_by_role("textbox", name="Invitation link").input_value()
    bo = await scenario.person("Bo")
    await bo.page.goto(invitation)
    await bo.page.get_by_label("Your name").fill("Bo")
    await bo.page.get_by_label("Login").fill("bo")
    await bo.page.get_by_label("Password").fill("a row of four words")
    await bo.page.get_by_role("button", name="Make account").click()
    await bo.page.get_by_role("heading", name="Meetings", exact=True).wait_for()
    await page.reload()
    await page.get_by_role("button", name="Disable: Bo").wait_for()
    sent = Sent(page)
    await draft_notice(page, "Minutes are kept.")
    await walk(page, sent, "http admin.publishNotice", "Publish version 2")
    await walk(page, sent, "http admin.resetPassword", "New password: Bo")
    await walk(page, sent, "http admin.setDisabled", "Disable: Bo")
    await page.get_by_label("To whom it is given").fill("An Institute")
    await page.get_by_label("For what").fill("speech recognition")
    await walk(page, sent, "http admin.requestExport", "Export what is ready")
    _propose(scenario.server)
    await page.reload()
    await walk(page, sent, "http admin.approveExport", "Approve: First")
    await walk(page, sent, "http admin.declineExport", "Decline: Second")
    await walk(page, sent, "http admin.takeBackExport", "Take back: Third")
    _wants(scenario.server)
    await page.evaluate("delete globalThis.showSaveFilePicker")
    await page.get_by_role("button", name="Approve the download: Bo").first.wait_for()
    await walk(page, sent, "http admin.approveDownload", "Approve the download: Bo")
    await walk(page, sent, "http admin.declineDownload", "Decline the download: Bo")
    await walk(page, sent, "http admin.askForDownload", "Download: Fourth")

    # The meetings.
    link = await host.create_meeting("Weekly")
    sent = Sent(page)
    await walk(page, sent, "http newLink", "New link")
    again = await host.create_meeting("Other")
    sent = Sent(page)
    await walk(page, sent, "http endMeeting", "End meeting")
    link = await host.create_meeting("Third")
    assert link != again

    # In the meeting.
    await host.enter_as_host()
    sent = Sent(page)
    await page.reload()  # so that the socket is heard, too
    await host._at_the_door()
    await host.answer_at_the_door(recording=True)
    await host.join()
    ada = await scenario.person("Ada")
    await ada.arrive(link)
    await ada.join()
    await walk(page, sent, "socket answer", "Withdraw my yes to recording", cancel="Keep my answer")
    await host.draw_device()
    sent.acts.clear()
    await walk(page, sent, "socket draw_device", "Make a new token")
    await walk(page, sent, "socket end_device", "End the device")

    # A place that the server knows no more; the key of it is kept all the same.
    cleo = await scenario.person("Cleo")
    await cleo.arrive(link)
    await cleo.answer_at_the_door(recording=True)
    await cleo.join()
    await cleo.leave()
    await cleo.page.evaluate(_FORGOTTEN)
    await cleo.page.reload()
    await cleo.page.get_by_role("button", name="Return to the meeting").click()
    await cleo.page.get_by_role("button", name="Forget my place here").wait_for()
    await walk(cleo.page, Sent(cleo.page), "here setAside", "Forget my place here")
    await cleo.page.get_by_role("heading", name="You cannot join this meeting").wait_for()
    await cleo.page.goto(cleo.receipt_link)
    await cleo.page.get_by_text("Checked just now in your browser").wait_for()
    await walk(cleo.page, Sent(cleo.page), "here forgetKept", "Forget what was kept")
    button = "Withdraw my yes to recording"
    await walk(cleo.page, Sent(cleo.page), "http answer", button, cancel="Keep my answer")
    await cleo.arrive(link)
    await cleo.join()
    await cleo.page.goto(cleo.receipt_link)
    others = cleo.page.get_by_role("region", name="Other keys of yours")
    await others.get_by_role("link").wait_for()

    await page.get_by_role("toolbar").get_by_role("button", name=re.compile("^People")).click()
    await walk(page, sent, "socket perform", "Remove Ada")
    await walk(page, sent, "socket end", "End meeting for all")
    await host.has_left()

    # What is over, for those who were in it.
    await page.goto(scenario.server.url)
    await page.get_by_role("button", name="Take back or delete: Third").click()
    await walk(page, sent, "http revoke", "Delete the meeting")
    assert walked == ASKED


async def test_leaving_a_meeting_by_accident_is_asked_about(
    scenario: Scenario, tmp_path: Path
) -> None:
    """Reloading, going back, closing; and coming back is one click, with the answers standing."""
    await scenario.open(Server(tmp_path / "server"))
    host = await scenario.host()
    link = await host.create_meeting("Weekly")
    await host.enter_as_host()
    await host.answer_at_the_door(recording=True)
    await host.join()
    asked: list[str] = []

    async def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.dismiss()

    async def go(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.accept()

    # Alone, and nothing recorded: nobody is asked.
    host.page.once("dialog", go)
    await host.page.reload()
    await host.page.get_by_role("button", name="Return to the meeting").click()
    await host.page.locator("[data-stage=inside]").wait_for()
    assert asked == []
    host.page.remove_listener("dialog", go)

    ada = await scenario.person("Ada")
    await ada.arrive(link)
    await ada.answer_at_the_door(recording=True)
    await ada.join()
    page = ada.page
    page.on("dialog", stay)
    await page.evaluate("setTimeout(() => location.reload())")
    await _until(page, lambda: asked == ["beforeunload"])
    await page.evaluate("setTimeout(() => history.back())")
    await _until(page, lambda: asked == ["beforeunload"] * 2)
    await page.close(run_before_unload=True)
    await _until(page, lambda: asked == ["beforeunload"] * 3)
    assert await page.locator("[data-stage=inside]").count() == 1
    page.remove_listener("dialog", stay)

    # One click, and everything as it was.
    await page.get_by_role("button", name="Turn camera off").click()
    await page.get_by_role("button", name="Mute", exact=True).click()
    page.on("dialog", go)
    await page.reload()
    button = page.get_by_role("button", name="Return to the meeting")
    await button.wait_for()
    await expect(button).to_be_focused()
    await expect(button).to_be_in_viewport()
    await expect(page.get_by_text("Welcome back, Ada")).to_be_visible()
    await expect(page.locator("[data-purpose=recording][data-will=yes]")).to_be_visible()
    await page.keyboard.press("Enter")
    await page.locator("[data-stage=inside]").wait_for()
    await expect(page.get_by_role("button", name="Unmute")).to_be_visible()
    await expect(page.get_by_role("button", name="Turn camera on")).to_be_visible()
    tile = page.locator("[data-self=true]")
    assert await tile.get_attribute("data-person") == ada.id


async def _until(page: Page, holds: Callable[[], bool]) -> None:
    for _ in range(300):
        if holds():
            return
        await page.wait_for_timeout(100)
    raise AssertionError("it did not come to it")
