"""Draw the picture of the README from the operating guide, whose output is tested.

Run it after the guide has changed: python docs/picture.py
"""

import io
import re
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

DOCS = Path(__file__).parent
GUIDE, PICTURE = DOCS / "operating.md", DOCS / "images" / "reconcile.svg"
FIRST = "$ outpost-order list\n"
COLUMNS = 80
STYLES = {
    r"(?m)^\$ .*$": "bold",
    r"\bIN_DOUBT\b": "bold yellow",
    r"\bPLACED\b": "green",
}
THEME = TerminalTheme(
    (13, 17, 23),
    (230, 237, 243),
    [(110, 118, 129), (255, 123, 114), (63, 185, 80), (210, 153, 34)] + [(230, 237, 243)] * 4,
)
# As rich has it, with the reader's own monospaced font: a picture fetches nothing.
FORMAT = """\
<svg viewBox="0 0 {terminal_width} {terminal_height}" xmlns="http://www.w3.org/2000/svg" \
role="img">
<style>
.{unique_id}-matrix {{
  font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
  font-size: {char_height}px;
  line-height: {line_height}px;
}}
{styles}
</style>
<defs>{lines}</defs>
<rect width="{terminal_width}" height="{terminal_height}" rx="8" fill="#0d1117"/>
<g transform="translate(9, 9)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def session() -> str:
    """Return the console block of the guide that the picture shows."""
    blocks = re.findall(r"^ *```console\n(.+?)^ *```$", GUIDE.read_text(), re.DOTALL | re.MULTILINE)
    [block] = [each for each in blocks if "reconcile PO-4711" in each]
    lines = str(block).splitlines()
    indent = len(lines[0]) - len(lines[0].lstrip())
    shown = [line[indent:] for line in lines]
    return "\n".join(line for line in shown if line != "...")


def picture() -> str:
    """Return the picture."""
    text = Text(session())
    for pattern, style in STYLES.items():
        text.highlight_regex(pattern, style)
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(text)
    drawn = console.export_svg(theme=THEME, code_format=FORMAT, unique_id="terminal")
    return "\n".join(line.rstrip() for line in drawn.splitlines()) + "\n"


if __name__ == "__main__":
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(picture(), encoding="utf-8")
    sys.stdout.write(f"{PICTURE.name} is up to date\n")
