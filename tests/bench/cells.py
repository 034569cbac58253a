"""What stands in the cells of tables."""

from tests.bench.client import Outcome


def number(value: float) -> str:
    """Write a number without decimals."""
    return f"{value:,.0f}"


def milliseconds(seconds: float) -> str:
    """Write a time as milliseconds."""
    return f"{seconds * 1e3:.1f}"


def latency(outcome: Outcome) -> list[str]:
    """Write median and p99 as milliseconds."""
    return [milliseconds(outcome.quantile(0.5)), milliseconds(outcome.quantile(0.99))]


def added(spent: dict[str, float], more: dict[str, float]) -> dict[str, float]:
    """Add up the seconds that each kind of process spent."""
    return {kind: spent.get(kind, 0.0) + seconds for kind, seconds in more.items()}


def cost(spent: dict[str, float], many: int) -> str:
    """Write the processor time of one among many, for each kind of process that spent any."""
    return ", ".join(f"{kind} {seconds / many * 1e3:.3f}" for kind, seconds in spent.items() if seconds > 0.01)
