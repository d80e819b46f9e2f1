"""The page of the examples: each app, below what it says of itself."""

import ast
from pathlib import Path

_BEGINNING = """# Examples

Each example is an app of its own. To deploy one, run for example
`cdk deploy --app "python examples/single_order.py"`. **Deploying an example places its order.**
"""


def page(folder: Path) -> str:
    """Return the page in Markdown."""
    return "\n".join([_BEGINNING, *map(_section, sorted(folder.glob("*.py")))])


def _section(example: Path) -> str:
    source = example.read_text()
    docstring = ast.get_docstring(ast.parse(source)) or ""
    code = source.replace(f'"""{docstring}"""', "", 1).strip()
    return f"## {example.name} {{ #{example.stem} }}\n\n{docstring}\n\n```python\n{code}\n```\n"
