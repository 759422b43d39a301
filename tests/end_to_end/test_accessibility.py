"""axe-core finds nothing wherever the tour stops, light and dark, on wide and narrow screens."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

import pytest
from playwright.async_api import Page

from support.axe import violations
from support.scenario import Scenario
from support.server import Server
from support.tour import tour

SIZES: Final = ((1280, 800), (320, 568))
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")

pytestmark = pytest.mark.browser


async def test_axe_finds_nothing(scenario: Scenario, tmp_path: Path) -> None:
    await scenario.open(Server(tmp_path / "server", settings={"cooling_off_seconds": 1}))
    people = [await scenario.person(name) for name in ("Hanna", "Amara")]
    found: dict[str, None] = {}
    seen: list[str] = []

    async def check(page: Page, name: str) -> None:
        seen.append(name)
        for width, height in SIZES:
            await page.set_viewport_size({"width": width, "height": height})
            for scheme in SCHEMES:
                await page.emulate_media(color_scheme=scheme)
                for one in await violations(page):
                    found[f"{name}, {width}, {scheme}: {one}"] = None
        await page.set_viewport_size({"width": 900, "height": 600})

    await tour(scenario.server, people, check)
    assert len(seen) > 20
    assert list(found) == []


# Put into a page of ours: a picture without words, two small buttons, and words one cannot read.
_FAULTS: Final = """
() => {
  const words = Object.assign(document.createElement("p"), { textContent: "Hardly to be seen" });
  words.style.color = "#cdcdcd";
  words.style.background = "#ffffff";
  const buttons = [1, 2].map(() => document.createElement("button"));
  for (const button of buttons) {
    const small = { font: "9px sans-serif", margin: 0, minHeight: 0, minWidth: 0, padding: 0 };
    Object.assign(button.style, { ...small, border: 0, height: "9px", width: "9px" });
  }
  buttons[0].textContent = "1";
  const row = document.createElement("div");
  row.append(...buttons);
  document.querySelector("main").append(words, document.createElement("img"), row);
}
"""


async def test_it_finds_what_is_wrong(scenario: Scenario, tmp_path: Path) -> None:
    await scenario.open(Server(tmp_path / "server"))
    page = (await scenario.host()).page
    await page.get_by_role("heading", level=1).wait_for()
    assert await violations(page) == []
    await page.evaluate(_FAULTS)
    found = {one.partition(":")[0] for one in await violations(page)}
    assert found == {"image-alt", "button-name", "color-contrast", "target-size"}
