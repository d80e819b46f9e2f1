"""Growth curves as SVG files that are the same for the same figures."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

# Text remains text, IDs don't depend on the run, and no file names its date.
mpl.rcParams.update({"svg.hashsalt": "benchmarks", "svg.fonttype": "none", "font.size": 9})
_METADATA = {"Date": None, "Creator": None}

Curves = Mapping[str, Sequence[float]]


def draw(file: Path, x_name: str, x: Sequence[float], panels: Mapping[str, Curves]) -> None:
    """Draw panels side by side, each with the curves of one quantity.

    Args:
        file: The SVG file.
        x_name: The name of the quantity that grows.
        x: Its values.
        panels: The curves of each quantity, by the name of the quantity and of the curve.
    """
    figure = Figure(figsize=(3.2 * len(panels), 2.8), layout="constrained")
    for axes, (quantity, curves) in zip(
        figure.subplots(1, len(panels), squeeze=False)[0], panels.items(), strict=True
    ):
        for name, values in curves.items():
            axes.plot(x[: len(values)], values, marker="o", markersize=3, linewidth=1.2, label=name)
        axes.set(xlabel=x_name, title=quantity)
        axes.set_ylim(bottom=0)
        axes.grid(visible=True, linewidth=0.3)
        if len(curves) > 1:
            axes.legend(frameon=False, fontsize=7)
    figure.savefig(file, format="svg", metadata=_METADATA)
