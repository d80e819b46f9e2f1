"""The pages that `make docs` generates, and what else MkDocs can't do by its settings.

Source:
    https://www.mkdocs.org/dev-guide/plugins/#events
"""

import re
from importlib.metadata import version
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from docs.site import command_line, examples

ROOT = Path(__file__).parents[2]
PROJECT_PAGES = ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
MERMAID = ROOT / "node_modules/@mermaid-js/tiny/dist/mermaid.tiny.js"


def on_config(config: MkDocsConfig) -> None:
    """Put the version into the footer of each page."""
    config.copyright = f"cdk-outpost-order {version('cdk-outpost-order')}"


def on_files(files: Files, config: MkDocsConfig) -> None:
    """Add the pages that aren't in docs/, and the script that draws diagrams."""
    pages = {name: _in_docs((ROOT / name).read_text()) for name in PROJECT_PAGES}
    pages["examples.md"] = examples.page(ROOT / "examples")
    pages["reference/command-line.md"] = command_line.page()
    for path, content in pages.items():
        files.append(File.generated(config, path, content=content))
    files.append(File.generated(config, "assets/javascripts/mermaid.js", abs_src_path=str(MERMAID)))


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Lead links out of docs/ to the pages that are made of their targets."""
    up = "../" * page.file.src_uri.count("/")
    markdown = re.sub(r"\]\((?:\.\./)+README\.md", f"]({up}index.md", markdown)
    markdown = re.sub(r"\]\((?:\.\./)+([A-Z]+\.md)", rf"]({up}\1", markdown)
    return re.sub(r"\]\((?:\.\./)+examples/(\w+)(?:\.py)?\)", rf"]({up}examples.md#\1)", markdown)


def _in_docs(markdown: str) -> str:
    """Return a page of the project's root with the links that it has in docs/."""
    return markdown.replace("](docs/", "](").replace("](examples/", "](../examples/")
