"""The page of the examples: each app, below what it says of itself."""

import ast
from pathlib import Path

_BEGINNING = """# Examples

Each example is an app of its own, and says how to deploy it. **Deploying an example places its
order.**
"""


def page(folder: Path) -> str:
    """Return the page in Markdown, with the shortest example first."""
    sources = {path: path.read_text() for path in folder.glob("*.py")}
    paths = sorted(sources, key=lambda path: (len(sources[path]), path))
    return "\n".join([_BEGINNING, *(_section(path, sources[path]) for path in paths)])


def _section(path: Path, source: str) -> str:
    docstring = ast.get_docstring(ast.parse(source)) or ""
    summary, _, _ = docstring.partition("\n")
    return f"## {path.name} {{ #{path.stem} }}\n\n{summary}\n\n```python\n{source}```\n"
