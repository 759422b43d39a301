"""What the console asks of an export besides for whom: the filters that the command has, too."""

from __future__ import annotations

from typing import Any

import pytest

from assent.web import meetings
from assent_vault.store import export_order, models
from assent_vault.store.export_order import Options
from support.browser import Browser

PATH = "/api/admin/exports"
ASKED = {"recipient": "An Institute", "purpose": "speech recognition"}
CHOSEN = {
    "languages": ["pt-BR", "de"], "least_seconds": 60, "most_filled": 0.1, "most_clipped": 0.01,
}  # fmt: skip
SHOWN = {**CHOSEN, "languages": ["de", "pt-br"]}
NONE = {"languages": [], "least_seconds": None, "most_filled": None, "most_clipped": None}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No vault makes keys here."""
    monkeypatch.setattr(meetings, "VAULT_SECONDS", 0.0)


@pytest.fixture
async def ready(browser: Browser) -> None:
    """A meeting that is ready, long enough, and in which nobody was who read nothing."""
    await browser.become("administrator")
    meeting = (await browser.create_meeting(recording=True))["meeting"]["id"]
    async with browser.parts.database.write() as session:
        session.add(
            models.ReleaseRow(
                meeting_id=meeting,
                state="ready",
                evidence=bytes(32),
                created_at=1,
                ready_at=2,
                updated_at=3,
                duration=60_000,
                octets=7,
                octets_of_sound=7,
            )
        )


def filters_of(export: dict[str, Any]) -> dict[str, Any]:
    return {name: export[name] for name in NONE}


@pytest.mark.usefixtures("ready")
async def test_the_row_has_what_was_chosen_and_the_list_shows_it(browser: Browser) -> None:
    export = (await browser.post(PATH, {**ASKED, **CHOSEN})).json["export"]
    assert filters_of(export) == SHOWN
    (listed,) = (await browser.get(PATH)).json["exports"]
    assert filters_of(listed) == SHOWN
    async with browser.parts.database.read() as session:
        row = await session.get(models.ExportRow, export["id"])
    assert row is not None
    assert export_order.read(row.recipient, row.purpose, row.options).options == Options(
        languages=("de", "pt-br"), least_duration=60_000, most_filled=0.1, most_clipped=0.01
    )


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize(
    "change",
    [{"languages": ["de"]}, {"least_seconds": 59}, {"most_filled": 0.2}, {"most_clipped": None}],
)
async def test_with_another_filter_it_is_another_request(
    browser: Browser, change: dict[str, Any]
) -> None:
    export = (await browser.post(PATH, {**ASKED, **CHOSEN})).json["export"]
    same = (await browser.post(PATH, {**ASKED, **CHOSEN, "languages": ["DE", "pt-br"]})).json
    assert same["export"]["id"] == export["id"]
    other = (await browser.post(PATH, {**ASKED, **CHOSEN, **change})).json["export"]
    assert other["id"] != export["id"]
    assert filters_of(other) == {**SHOWN, **change}


@pytest.mark.usefixtures("ready")
async def test_where_nothing_is_chosen_all_of_it_is_asked_for(browser: Browser) -> None:
    export = (await browser.post(PATH, ASKED)).json["export"]
    assert filters_of(export) == NONE
    row = models.ExportRow(id="E" * 22, state="failed", requested_at=1, options="x")
    async with browser.parts.database.write() as session:
        session.add(row)
    unreadable = (await browser.get(PATH)).json["exports"][-1]
    assert filters_of(unreadable) == dict.fromkeys(NONE)


@pytest.mark.usefixtures("ready")
async def test_what_the_command_was_asked_for_is_shown_to_the_millisecond(browser: Browser) -> None:
    row = models.ExportRow(
        id="E" * 22, state="failed", requested_at=1, options='{"least_duration":1500}'
    )
    async with browser.parts.database.write() as session:
        session.add(row)
    (listed,) = (await browser.get(PATH)).json["exports"]
    assert listed["least_seconds"] == 1.5


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("languages", ["*"]),
        ("languages", [""]),
        ("languages", 21 * ["de"]),
        ("languages", ["de" + 12 * "-ab"]),
        ("languages", "de"),
        ("languages", [5]),
        ("least_seconds", -1),
        ("least_seconds", 1_000_000_000),
        ("least_seconds", 1.5),
        ("least_seconds", "60"),
        ("least_seconds", True),
        ("most_filled", 1.01),
        ("most_filled", -0.01),
        ("most_filled", "0.1"),
        ("most_clipped", 2),
        ("most_clipped", True),
    ],
)
async def test_what_is_no_filter_is_refused(browser: Browser, field: str, value: Any) -> None:
    answer = await browser.post(PATH, {**ASKED, field: value})
    assert (answer.status, answer.code) == (400, "bad-request")
    assert (answer.field or "").partition("[")[0] == field
    assert (await browser.get(PATH)).json["exports"] == []


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize(
    "query",
    [
        "languages=*",
        "languages=",
        "languages=de,",
        f"languages={','.join(21 * ['de'])}",
        "least_seconds=1.5",
        "least_seconds=1000000000",
        "most_filled=1.1",
        "most_clipped=nan",
        "most_clipped=10%25",
    ],
)
async def test_nor_is_it_forecast(browser: Browser, query: str) -> None:
    answer = await browser.get(f"{PATH}/forecast?{query}")
    assert (answer.status, answer.code) == (400, "bad-request")
    assert answer.field == query.partition("=")[0]
