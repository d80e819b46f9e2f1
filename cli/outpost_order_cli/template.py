"""The template of the ledger's stack, which `outpost-order init` deploys."""

from importlib.resources import files


def ledger_template() -> str:
    """Return the template that the package has."""
    return (files(__package__) / "ledger.template.json").read_text(encoding="utf-8").strip()
