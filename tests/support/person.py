"""People at their browsers, who act as people do: by what stands on buttons and beside fields.

Where a method returns, what it did has happened as far as the person's own page can tell.
"""

from __future__ import annotations

import re
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any, Final

from playwright.async_api import BrowserContext, Error, Locator, Page

from assent_vault.formats import suite
from support.browsers import browser, new_context
from support.media import COLOURS, Camera, Signs, write_tone
from support.namespaces import Namespace
from support.sending import count_sent
from support.server import Server, meeting_of
from support.waiting import eventually

PASSWORD: Final = "correct horse battery staple"
QUESTIONS: Final = {
    "recording": "May this meeting be recorded while you are in it?",
    "training": "May the recording become training data for machine learning?",
}
_STATES: Final = {
    "Not recording": "off",
    "Paused: not everyone has agreed": "paused",
    "Recording": "recording",
}
_STATE = re.compile(
    rf"^({'|'.join(map(re.escape, _STATES))}) · (?:(\d+) of (\d+)|everyone|not everyone) agreed$"
)

# When the state of the recording changed, and when somebody's colour was first seen, as often as
# the page draws. Dates, so that pages and this process can be compared: all are on one machine.
_WATCH = """
([red, green, blue]) => {
  const found = { states: [], seen: null };
  globalThis.assentTestWatch = found;
  const look = (video) => {
    const canvas = new OffscreenCanvas(32, 24);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(video, 0, 0, 32, 24);
    return context.getImageData(2, 2, 1, 1).data;
  };
  const turn = () => {
    if (globalThis.assentTestWatch !== found) return;
    const state = document.querySelector("[data-capture]")?.dataset.capture ?? "gone";
    if (found.states.at(-1)?.state !== state) found.states.push({ at: Date.now(), state });
    if (found.seen === null) {
      for (const video of document.querySelectorAll("video")) {
        if (video.videoWidth === 0 || video.closest("[data-self=true]") !== null) continue;
        const [r, g, b] = look(video);
        if (Math.hypot(r - red, g - green, b - blue) < 90) found.seen = Date.now();
      }
    }
    setTimeout(turn, 20);
  };
  turn();
}
"""


class Person:
    """Somebody with a browser of their own, in a network of its own if ``inside`` is given."""

    def __init__(
        self,
        name: str,
        signs: Signs,
        server: Server,
        folder: Path,
        inside: Namespace | None = None,
    ) -> None:
        self.name = name
        self.signs = signs
        self.id = ""
        self.meeting = ""
        self.receipt_link = ""
        self.invitation_link = ""
        self._server = server
        self._folder = folder
        self._inside = inside
        self._problems: list[str] = []

    async def start(self, stack: AsyncExitStack) -> None:
        """Open the browser; it is closed with the stack."""
        self._folder.mkdir(parents=True)
        self.camera = self.make_devices(self._folder)
        self._browser = await stack.enter_async_context(
            browser(
                self.camera.path,
                self._folder / "voice.wav",
                inside=self._inside,
            )
        )
        self.context = await self._new_context()
        self.page = await self.context.new_page()
        self._console: Page | None = None

    async def keep(self, folder: Path) -> None:
        """Keep a picture and the text of each page."""
        for number, page in enumerate(self.context.pages):
            name = f"{self.name}-{number}"
            with suppress(Error):  # of a browser that is gone there is nothing to see
                await page.screenshot(path=folder / f"{name}.png", timeout=5000)
                (folder / f"{name}.html").write_text(await page.content())

    def make_devices(self, folder: Path) -> Camera:
        """Write what the browser takes for a camera and a microphone, voice.wav."""
        write_tone(folder / "voice.wav", self.signs.tone)
        return Camera(folder / "camera.y4m", self.signs.colour)

    @property
    def console(self) -> Page:
        """The console, once it was opened."""
        assert self._console is not None, "not opened yet"
        return self._console

    @property
    def seed(self) -> bytes:
        """The secret of the personal link, for looking for it where it must not be."""
        return suite.decode(self.receipt_link.partition("#")[2], suite.KEY_BYTES)

    @property
    def problems(self) -> list[str]:
        """What the pages have complained of: exceptions, and breaches of the content policy."""
        return self._problems

    # An account, and a meeting.

    async def become_administrator(self, link: str) -> None:
        """Use the one-time link that the server has printed."""
        await self.page.goto(link)
        await self.page.get_by_label("Your name").fill(self.name)
        await self.page.get_by_label("Login").fill(self.name.lower())
        await self.page.get_by_label("Password").fill(PASSWORD)
        await self.page.get_by_role("button", name="Make account").click()
        await self.page.wait_for_url("**/admin")

    async def create_meeting(
        self, title: str, *, recording: bool = True, training: bool = True
    ) -> str:
        """Create a meeting and return its invitation link."""
        page = self.page
        await page.goto(self._server.url)
        await page.get_by_label("Name of the meeting").fill(title)
        if not recording:
            await page.get_by_label("This meeting can never be recorded").check()
        elif training:
            await page.get_by_label(re.compile("also be asked to release")).check()
        await page.get_by_role("button", name="Create meeting").click()
        self.invitation_link = await page.get_by_label("Invitation link").input_value()
        self.meeting = meeting_of(self.invitation_link)
        return self.invitation_link

    # The door.

    async def enter_as_host(self) -> None:
        """Go to the door of one's own new meeting."""
        await self.page.get_by_role("link", name="Open meeting", exact=True).click()
        await self._at_the_door()

    async def arrive(self, link: str) -> None:
        """Go to the door by the invitation link."""
        self.meeting = meeting_of(link)
        await self.page.goto(link)
        await self._at_the_door()

    async def reads_the_notice(self) -> None:
        """Read all the words at the door, one click away, and see oneself meanwhile."""
        page = self.page
        await page.get_by_role("button", name="Read the full notice").click()
        words = page.get_by_role("dialog", name="The full notice")
        await words.get_by_text("Your answer is bound to exactly these words.").wait_for()
        await words.get_by_role("button", name="Close").click()
        await page.get_by_role("region", name="You, as others would see you").wait_for()

    async def answer_at_the_door(
        self, recording: bool | None = None, training: bool | None = None
    ) -> None:
        """Pick answers; None leaves a question alone. Nothing is sent yet."""
        for purpose, answer in (("recording", recording), ("training", training)):
            if answer is not None:
                await self._pick(self.page, purpose, "Yes" if answer else "No")

    async def join(self) -> None:
        """Join, and wait until one is in."""
        await self.page.get_by_role("button", name="Join", exact=True).click()
        await self.page.get_by_role("toolbar", name="Controls").wait_for()
        tile = self.page.locator("[data-self=true]")
        self.id = await tile.get_attribute("data-person") or ""
        assert self.id, "one's own tile names one's id"
        await self._open_answers()
        self.receipt_link = await self.page.get_by_label("Personal link", exact=True).input_value()

    # The meeting.

    async def state(self) -> str:
        """Return what the page says of the recording: off, paused or recording."""
        return _STATES[(await self._state_line())[1]]

    async def agreed(self) -> tuple[int, int] | None:
        """Return how many have agreed, and of how many; None where the page gives no number."""
        line = await self._state_line()
        return None if line[2] is None else (int(line[2]), int(line[3]))

    async def arm(self) -> None:
        """Start the recording, as far as everyone agrees."""
        await self.page.get_by_role("button", name="Start recording").click()
        await self.page.get_by_role("button", name="Stop recording").wait_for()

    async def change(self, **answers: str) -> None:
        """Give another answer in the meeting: recording or training, to yes, no or withdrawn."""
        await self._open_answers()
        await self._change(self.page, answers)

    async def draw_device(self) -> tuple[str, str, str]:
        """Ask for what another camera needs: where to send to, where to watch, and the token."""
        panel = self.page.get_by_role("complementary", name="Devices")
        if not await panel.is_visible():
            toolbar = self.page.get_by_role("toolbar")
            await toolbar.get_by_role("button", name="Devices").click()
        await panel.get_by_role("button", name="Show address and token").click()
        labels = (
            "Address to send to (WHIP)",
            "Address to watch from (WHEP)",
            "Token (bearer token)",
        )
        whip, whep, token = [await panel.get_by_label(one).input_value() for one in labels]
        return whip, whep, token

    async def leave(self) -> None:
        """Leave, and wait until one is out."""
        await self.page.get_by_role("toolbar").get_by_role("button", name="Leave").click()
        await self.page.get_by_role("toolbar", name="Controls").wait_for(state="detached")

    async def is_alarmed(self) -> bool:
        """Whether the page says that somebody who was not shown can open the recording."""
        return await self.page.locator("[data-banner=ghost]").count() > 0

    async def end(self) -> None:
        """End the meeting for everyone."""
        page = self.page
        await page.get_by_role("toolbar").get_by_role("button", name=re.compile("^People")).click()
        await page.get_by_role("button", name="End meeting for all").click()
        await page.get_by_role("dialog").get_by_role("button", name="End meeting for all").click()

    async def has_left(self) -> None:
        """Wait until the page says that the meeting is over."""
        await self.page.get_by_role("heading", name="The meeting is over").wait_for()

    # Looking on.

    async def begin_watching(self, colour: str) -> None:
        """Note from now on when the state changes, and when somebody of this colour is seen."""
        await self.page.evaluate(_WATCH, list(COLOURS[colour]))

    async def watched(self) -> tuple[int | None, int | None]:
        """Return when the page first said "paused", and when the colour was first seen; in ms."""

        async def seen() -> Any:
            found = await self.page.evaluate("globalThis.assentTestWatch")
            return found if found["seen"] is not None else None

        found = await eventually(seen, f"{self.name} sees the one who was waited for")
        paused = [one["at"] for one in found["states"] if one["state"] == "paused"]
        return min(paused, default=None), found["seen"]

    async def states(self) -> list[tuple[float, str]]:
        """Return since ``begin_watching`` each state and when it came, in seconds since 1970."""
        found = await self.page.evaluate("globalThis.assentTestWatch.states")
        return [(one["at"] / 1000, one["state"]) for one in found]

    async def begin_timing(self) -> None:
        """Note from now on when the page is connected, and when it is not."""
        await self.page.evaluate(
            """
            () => {
              const found = { lost: null, back: null };
              globalThis.assentTestTiming = found;
              const turn = () => {
                if (globalThis.assentTestTiming !== found) return;
                const away = document.querySelector("[data-banner=reconnecting]") !== null;
                if (away && found.lost === null) found.lost = Date.now();
                if (!away && found.lost !== null && found.back === null) found.back = Date.now();
                if (found.back === null) setTimeout(turn, 20);
              };
              turn();
            }
            """
        )

    async def reconnected(self) -> float:
        """Return when the page was connected again, by its own clock, in seconds since 1970."""

        async def back() -> Any:
            return await self.page.evaluate("globalThis.assentTestTiming.back")

        return float(await eventually(back, f"{self.name}'s page is connected again")) / 1000

    # Afterwards, with the personal link alone: in a browser that knows nothing.

    async def change_afterwards(self, **answers: str) -> None:
        """Answer from the personal link, where no cookie and no storage is left."""
        context = await self._new_context()
        try:
            page = await context.new_page()
            await page.goto(self.receipt_link)
            await page.get_by_text("Checked just now in your browser").wait_for()
            await self._change(page, answers)
        finally:
            await context.close()

    # What administrators see.

    async def sees_blocked(self, *, others: bool = False, **reasons: int) -> None:
        """Wait until the console names just these reasons, with ``_`` for ``-``, and their counts.

        With ``others`` there may be more. A moment before, the recording may still be open, or
        not have been looked at.
        """
        wanted = {code.replace("_", "-"): count for code, count in reasons.items()}

        async def blocked() -> bool:
            row = await self._console_row()
            # All at once: the page may show newer ones a moment later.
            shown = await row.locator("[data-reason]").evaluate_all(
                "items => items.map((item) => [item.dataset.reason, item.innerText])"
            )
            found = {}
            for code, text in shown:
                count = re.search(r"\d+", text)
                found[code] = int(count[0]) if count else 1
            return found == wanted or (others and wanted.items() <= found.items())

        await eventually(blocked, f"the console says {wanted}")

    async def sees_release(self, state: str) -> None:
        """Wait until the console says that the release of the meeting is in this state."""

        async def shown() -> bool:
            row = await self._console_row()
            return await row.locator(f"[data-release={state}]").is_visible()

        await eventually(shown, f"the console says {state}")

    async def export_from_console(self) -> Path:
        """Say for whom and for what, and wait for the folder the console then names."""
        page = await self.asks_for_export()

        async def folder() -> str | None:
            done = page.locator("[data-export][data-state=done] code")
            return await done.first.inner_text() if await done.count() else None

        return Path(await eventually(folder, "the console names the folder of the export"))

    async def asks_for_export(
        self, recipient: str = "An Institute", purpose: str = "speech recognition"
    ) -> Page:
        """Ask for an export in the console, or propose it; return its page."""
        page = await self._console_page()
        await page.get_by_label("To whom it is given").fill(recipient)
        await page.get_by_label("For what").fill(purpose)
        await page.get_by_role("button", name="Export what is ready").click()
        dialog = page.get_by_role("dialog", name="Export what is ready")
        await dialog.locator(".dialog-actions button").last.click()
        return page

    # Within.

    async def _new_context(self) -> BrowserContext:
        context = await new_context(
            self._browser,
            permissions=["camera", "microphone"],
            locale="en-GB",
            ignore_https_errors=self._inside is not None,  # a certificate of the test's own
            viewport={"width": 900, "height": 600},  # what is small is drawn fast
        )
        await count_sent(context)
        context.on("weberror", lambda error: self._problems.append(str(error.error)))
        context.on("console", self._hear)
        return context

    def _hear(self, message: Any) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self._problems.append(message.text)

    async def _console_page(self) -> Page:
        if self._console is None:
            self._console = await self.context.new_page()
            await self._console.goto(f"{self._server.url}/admin")
        return self._console

    async def _console_row(self) -> Locator:
        page = await self._console_page()
        return page.locator(f'tr[data-meeting="{self.meeting}"]')

    async def _at_the_door(self) -> None:
        field = self.page.get_by_label("Your name")
        await field.wait_for()
        await field.fill(self.name)

    async def _state_line(self) -> re.Match[str]:
        button = self.page.get_by_role("button", name=_STATE)
        line = _STATE.match(await button.get_attribute("aria-label") or "")
        assert line is not None, "the state is always in view"
        return line

    async def _open_answers(self) -> None:
        panel = self.page.get_by_role("complementary", name="My answers")
        if not await panel.is_visible():
            await self.page.get_by_role("toolbar").get_by_role("button", name="My answers").click()
            await panel.wait_for()

    def _question(self, page: Page, purpose: str) -> Locator:
        return page.get_by_role("group", name=QUESTIONS[purpose])

    async def _pick(self, page: Page, purpose: str, word: str) -> None:
        radio = self._question(page, purpose).get_by_role("radio", name=re.compile(f"^{word}"))
        await radio.click()
        assert await radio.is_checked(), f"{self.name} picks {word} for {purpose}"

    async def _change(self, page: Page, answers: dict[str, str]) -> None:
        for purpose, will in answers.items():
            own = page.locator(f".own-answer[data-purpose={purpose}]")
            if will == "withdrawn":
                await page.get_by_role("button", name=f"Withdraw my yes to {purpose}").click()
                dialog = page.get_by_role("dialog", name="Withdraw your yes?")
                await dialog.get_by_role("button", name="Withdraw", exact=True).click()
            elif await own.get_attribute("data-will") == "withdrawn":
                await page.get_by_role("button", name=f"Say yes to {purpose} again").click()
            else:
                await self._pick(page, purpose, will.capitalize())
        send = page.get_by_role("button", name="Send my answers")
        if await send.is_visible():
            await send.click()
        for purpose, will in answers.items():
            own = page.locator(f".own-answer[data-purpose={purpose}][data-will={will}]")
            await own.wait_for()
