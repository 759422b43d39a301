"""axe-core, the checker of accessibility, on a page as it stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from playwright.async_api import Page

_SOURCE: Final = Path(__file__).parents[2] / "client-web/node_modules/axe-core/axe.min.js"
# Of the rules that are not in its own set, the one that WCAG 2.2 asks for is added.
# Colours change gently: it looks when they have, or after a second where something always changes.
_RUN: Final = """
async () => {
  const began = performance.now();
  const ends = (one) => one.effect?.getTiming().iterations !== Infinity;
  const changes = () =>
    document.getAnimations().some((one) => one.playState === "running" && ends(one));
  do await new Promise((over) => setTimeout(over, 50));
  while (changes() && performance.now() - began < 1000);
  const { passes, violations } = await axe.run({
    resultTypes: ["passes", "violations"],
    rules: { "target-size": { enabled: true } },
  });
  return {
    passes: passes.length,
    violations: violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.join(" ")}: ${node.failureSummary}`)),
  };
}
"""


async def violations(page: Page) -> list[str]:
    """Return everything that axe-core's own set of rules finds fault with: rule, element, why."""
    if not await page.evaluate("'axe' in globalThis"):
        await page.evaluate(_SOURCE.read_text())
    found: dict[str, Any] = await page.evaluate(_RUN)
    assert found["passes"] > 0, "it has looked at the page"
    return list(found["violations"])
