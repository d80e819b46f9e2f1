"""The template of the ledger's stack, which `outpost-order init` deploys."""

from importlib.resources import files


def ledger_template() -> str:
    """Return the template as it is shipped."""
    return (files(__package__) / "ledger.template.json").read_text(encoding="utf-8").strip()
