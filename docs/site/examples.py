"""The page of the examples: each app, below what it says of itself."""

import ast
from pathlib import Path

_BEGINNING = """# Examples

Each example is an app of its own, and says how to deploy it. **Deploying an example places its
order.**
"""

_PIPELINES = """## Review a pull request { #review }

[Reviewing purchases](reviewing.md#in-a-pull-request) explains these files.
"""


def page(folder: Path) -> str:
    """Return the page in Markdown, with the shortest example first."""
    sources = {path: path.read_text() for path in folder.glob("*.py")}
    paths = sorted(sources, key=lambda path: (len(sources[path]), path))
    pipelines = sorted(each for each in folder.glob("review/*") if each.is_file())
    return "\n".join(
        [
            _BEGINNING,
            *(_section(path, sources[path]) for path in paths),
            _PIPELINES,
            *(_pipeline(path) for path in pipelines),
        ]
    )


def _section(path: Path, source: str) -> str:
    docstring = ast.get_docstring(ast.parse(source)) or ""
    summary, _, _ = docstring.partition("\n")
    return f"## {path.name} {{ #{path.stem} }}\n\n{summary}\n\n```python\n{source}```\n"


def _pipeline(path: Path) -> str:
    language = "yaml" if path.suffix == ".yml" else "text"
    return f"### {path.name} {{ #{path.stem} }}\n\n```{language}\n{path.read_text()}```\n"
