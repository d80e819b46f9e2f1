"""`make docs`: the reference of the library and of its command, from their docstrings."""

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pdoc.doc
import pdoc.render

import cdk_outpost_order

COMMAND = "outpost-order"


def build(folder: Path) -> None:
    """Write the pages, which need no server and no network to be read."""
    pdoc.render.configure(
        docformat="google", show_source=False, footer_text=cdk_outpost_order.__name__
    )
    pages = (pdoc.doc.Module(cdk_outpost_order), pdoc.doc.Module(_command()))
    modules = {page.fullname: page for page in pages}
    folder.mkdir(parents=True, exist_ok=True)
    for name, module in modules.items():
        page = pdoc.render.html_module(module, modules)
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
    (folder / "index.html").write_text(pdoc.render.html_index(modules), encoding="utf-8")
    (folder / "search.js").write_text(pdoc.render.search_index(modules), encoding="utf-8")


def _command() -> ModuleType:
    """Return what the command says of itself, as the docstring of a module."""
    page = ModuleType(COMMAND)
    arguments = ["outpost_order_cli.app", "utils", "docs", "--name", COMMAND]
    page.__doc__ = subprocess.run(
        [sys.executable, "-m", "typer", *arguments], check=True, capture_output=True, text=True
    ).stdout
    return page


if __name__ == "__main__":
    build(Path(sys.argv[1]))
