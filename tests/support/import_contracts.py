"""The import contract ``allowed``: what a package may import, and nothing else.

import-linter has contracts of what is forbidden, and of who may import something; both are silent
about a module or a library that nobody has thought of yet. This one is not.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


def _within(module: str, packages: Iterable[str]) -> bool:
    return any(module == each or module.startswith(f"{each}.") for each in packages)


def _names(field: Any) -> list[str]:
    return list(field or ())


class AllowedContract(Contract):
    """What some packages may import directly, besides themselves.

    ``source_modules`` and ``allowed_modules`` are packages or modules, with all that is in them;
    libraries and modules of the standard library are called by their top name. With
    ``standard_library`` all of the latter are allowed. ``only_within`` narrows it to imports from
    these packages: what is not in one of them is not looked at.
    """

    type_name = "allowed"

    source_modules = fields.ListField(subfield=fields.StringField())
    allowed_modules = fields.ListField(subfield=fields.StringField())
    standard_library = fields.BooleanField(required=False, default=False)
    only_within = fields.ListField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Find every import that nothing allows."""
        del verbose
        sources, allowed, within = (
            _names(each) for each in (self.source_modules, self.allowed_modules, self.only_within)
        )
        if self.standard_library:
            allowed += sys.stdlib_module_names
        missing = [each for each in sources if each not in graph.modules]
        found: list[tuple[str, str, int]] = []
        for module in sorted(each for each in graph.modules if _within(each, sources)):
            for imported in sorted(graph.find_modules_directly_imported_by(module)):
                if _within(imported, [*sources, *allowed]):
                    continue
                if within and not _within(imported, within):
                    continue
                for detail in graph.get_import_details(importer=module, imported=imported):
                    found.append((module, imported, detail["line_number"]))
        return ContractCheck(
            kept=not (found or missing), metadata={"found": found, "missing": missing}
        )

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Tell of each of them where it is."""
        metadata: dict[str, Any] = check.metadata
        for module in metadata["missing"]:
            output.print_error(f"There is no module {module}.")
        for module, imported, line in metadata["found"]:
            output.print_error(f"{module} may not import {imported} (line {line}).")
