"""Consent records: what a JSON-LD library, which fetches nothing, makes of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

import pytest
from pyld import jsonld

from assent_vault.receipt import check
from assent_vault.receipt.consent_record import consent_record

FOLDER = Path(__file__).parents[2] / "vectors" / "receipts"
DPV, DCT = "https://w3id.org/dpv#", "http://purl.org/dc/terms/"
XSD_TIME = "http://www.w3.org/2001/XMLSchema#dateTime"
# Of DPV 2.2 and its extension for personal data, those that a record may use.
TERMS = {
    DPV + term
    for term in (
        "ConsentGiven",
        "ConsentNotice",
        "ConsentRecord",
        "ConsentRefused",
        "ConsentRequested",
        "ConsentWithdrawn",
        "Display",
        "ExplicitlyExpressedConsent",
        "Export",
        "Process",
        "ProvideConsent",
        "Pseudonymise",
        "Purpose",
        "Record",
        "Share",
        "Store",
        "WithdrawConsent",
        "hasConsentControl",
        "hasConsentStatus",
        "hasDataController",
        "hasDataSubject",
        "hasLegalBasis",
        "hasNotice",
        "hasPersonalData",
        "hasProcess",
        "hasProcessing",
        "hasPurpose",
        "isIndicatedAtTime",
        "isIndicatedBy",
    )
} | {"https://w3id.org/dpv/pd#Communication", "https://w3id.org/dpv/pd#Picture"}


def nothing_fetched(url: str, options: Any) -> NoReturn:
    raise AssertionError(f"{url} would have been fetched")


def expanded(name: str) -> dict[str, Any]:
    believed = check((FOLDER / f"{name}.assent-receipt.json").read_bytes()).believed
    assert believed is not None
    record = json.loads(consent_record(believed))
    (found,) = jsonld.expand(record, {"documentLoader": nothing_fetched})
    assert isinstance(found, dict)
    return found


def statuses(record: dict[str, Any]) -> list[list[str]]:
    return [
        [event["@type"][0].removeprefix(DPV) for event in process[DPV + "hasConsentStatus"]]
        for process in record.get(DPV + "hasProcess", [])
    ]


def test_it_is_a_consent_record_of_27560() -> None:
    record = expanded("good-everything")
    assert record["@type"] == [DPV + "ConsentRecord"]
    profile = "https://w3id.org/dpv/schema/dpv-27560#record"
    assert record[DCT + "conformsTo"] == [{"@id": profile}]
    for field in (DCT + "identifier", DCT + "created", DPV + "hasDataSubject"):
        assert len(record[field]) == 1
    assert record[DCT + "created"][0]["@type"] == XSD_TIME
    for process in record[DPV + "hasProcess"]:
        for field in ("hasPurpose", "hasLegalBasis", "hasPersonalData", "hasConsentControl"):
            assert process[DPV + field]
        for event in process[DPV + "hasConsentStatus"]:
            assert event[DPV + "isIndicatedAtTime"][0]["@type"] == XSD_TIME
            assert event[DPV + "isIndicatedBy"] == record[DPV + "hasDataSubject"]
            named = {notice["@id"] for notice in record[DPV + "hasNotice"]}
            assert event[DPV + "hasNotice"][0]["@id"] in named


def test_it_says_what_happened_to_each_consent() -> None:
    assert statuses(expanded("good-everything")) == [
        ["ConsentRequested", "ConsentGiven", "ConsentWithdrawn"],
        ["ConsentRequested", "ConsentGiven", "ConsentWithdrawn"],
    ]
    assert statuses(expanded("good-nothing-answered")) == [["ConsentRequested"]] * 2
    assert statuses(expanded("good-nothing-offered")) == []


@pytest.mark.parametrize("name", ["good-everything", "good-exported-and-destroyed"])
def test_every_word_is_one_of_the_vocabulary(name: str) -> None:
    quads = jsonld.to_rdf(expanded(name), {"documentLoader": nothing_fetched})
    said = {
        part["value"]
        for quad in quads["@default"]
        for part in (quad["subject"], quad["predicate"], quad["object"])
        if part["type"] == "IRI"
    }
    of_dpv = {each for each in said if each.startswith("https://w3id.org/dpv") and "#" in each}
    assert of_dpv - {"https://w3id.org/dpv/schema/dpv-27560#record"} <= TERMS
    assert len(quads["@default"]) > 30


def test_a_word_that_is_not_mapped_is_lost() -> None:
    """What the tests above rely on: the library drops what the context does not know."""
    assert jsonld.expand({"@context": {}, "nobody": 1}) == []
