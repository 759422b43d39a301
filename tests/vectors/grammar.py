"""``grammar.json``: what each reader takes and refuses, by spelling, limits, and what comes first.

Every case that is signed is signed properly, of the very bytes that it has, so that nothing but the
grammar decides; where it is not, the case is about what is looked at first.
"""

from __future__ import annotations

from vectors import grammar_documents, grammar_fields, grammar_notes
from vectors.common import Json
from vectors.grammar_bench import Bench


def make_grammar() -> Json:
    """Return all cases, and what their readers are given."""
    bench = Bench()
    for part in (grammar_documents, grammar_fields, grammar_notes):
        part.add_to(bench)
    names = [case["name"] for case in bench.cases]
    assert len(set(names)) == len(names), "each case has a name of its own"
    return {"given": bench.given(), "cases": bench.cases}
