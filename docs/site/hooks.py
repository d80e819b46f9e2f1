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
BENCHMARKS = "benchmarks/RESULTS.md"
# MkDocs takes a README.md for the home page, so it has another name in the site.
PROJECT_PAGES = {
    "README.md": "readme.md",
    "CHANGELOG.md": "CHANGELOG.md",
    "CONTRIBUTING.md": "CONTRIBUTING.md",
    "SECURITY.md": "SECURITY.md",
    BENCHMARKS: "benchmarks.md",
}
MERMAID = ROOT / "node_modules/@mermaid-js/tiny/dist/mermaid.tiny.js"


def on_config(config: MkDocsConfig) -> None:
    """Put the version into the footer of each page."""
    config.copyright = f"cdk-outpost-order {version('cdk-outpost-order')}"


def on_files(files: Files, config: MkDocsConfig) -> None:
    """Add the pages that aren't in docs/, and the script that draws diagrams."""
    pages = {path: _in_docs((ROOT / name).read_text()) for name, path in PROJECT_PAGES.items()}
    pages["benchmarks.md"] = (ROOT / BENCHMARKS).read_text()  # its images are beside it
    pages["examples.md"] = examples.page(ROOT / "examples")
    pages["reference/command-line.md"] = command_line.page()
    for path, content in pages.items():
        files.append(File.generated(config, path, content=content))
    for image in (ROOT / BENCHMARKS).parent.glob("images/*.svg"):
        files.append(File.generated(config, f"images/{image.name}", abs_src_path=str(image)))
    files.append(File.generated(config, "assets/javascripts/mermaid.js", abs_src_path=str(MERMAID)))


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Lead links out of docs/ to the pages that are made of their targets."""
    up = "../" * page.file.src_uri.count("/")

    def in_site(link: re.Match[str]) -> str:
        target = Path(link[1])
        if target.parts[0] == "examples":
            return f"]({up}examples.md" + (f"#{target.stem}" if target.suffix else "")
        return f"]({up}{PROJECT_PAGES[link[1]]}" if link[1] in PROJECT_PAGES else link[0]

    return re.sub(r"\]\((?:\.\./)+([\w./-]+)", in_site, markdown)


def _in_docs(markdown: str) -> str:
    """Return a page of the project's root in the way of docs/."""
    markdown = re.sub(r"\]\((?!\w+:|#)", "](../", markdown).replace("](../docs/", "](")
    return re.sub(r"^> \[!(\w+)\]\n((?:>.*\n)+)", _admonition, markdown, flags=re.MULTILINE)


def _admonition(alert: re.Match[str]) -> str:
    """Return an alert as this theme has it: the hosts that show Markdown have another way."""
    kind = "danger" if alert[1] == "CAUTION" else alert[1].lower()
    text = re.sub(r"^> ?", "    ", alert[2], flags=re.MULTILINE)
    return f'!!! {kind} "{alert[1].capitalize()}"\n\n{text}'
