"""No module takes part in an import cycle, packages with their own modules included.

The linter's contract looks at siblings; a package whose __init__ imports a module that imports the package back
is found only here.
"""

from __future__ import annotations

import grimp


def cycle_in(graph: grimp.ImportGraph) -> list[str]:
    """One import cycle as a list of modules, or nothing."""
    for module in sorted(graph.modules):
        for imported in sorted(graph.find_modules_directly_imported_by(module)):
            chain = graph.find_shortest_chain(imported, module)
            if chain:
                return [module, *chain]
    return []


def test_no_import_cycle() -> None:
    assert cycle_in(grimp.build_graph("crossbook", cache_dir=None)) == []


def test_a_package_and_its_module_can_be_a_cycle() -> None:
    graph = grimp.ImportGraph()
    graph.add_import(importer="crossbook.venues", imported="crossbook.venues.kalshi")
    graph.add_import(importer="crossbook.venues.kalshi", imported="crossbook.venues")
    assert cycle_in(graph) == ["crossbook.venues", "crossbook.venues.kalshi", "crossbook.venues"]
