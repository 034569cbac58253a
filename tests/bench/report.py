"""Tables of figures, for the terminal and for docs/benchmarks.md."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table as RichTable


class Table(NamedTuple):
    """A title, the names of columns, and rows of texts. The first column is a name, the others are figures."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def rich(self) -> RichTable:
        """Give it for the terminal."""
        table = RichTable(title=self.title, title_justify="left")
        for number, column in enumerate(self.columns):
            table.add_column(column, justify="right" if number else "left")
        for row in self.rows:
            table.add_row(*row)
        return table

    def markdown(self) -> str:
        """Give it for a document."""
        lines = [
            f"**{self.title}**\n",
            _line(self.columns),
            _line(["---:" if number else "---" for number in range(len(self.columns))]),
            *map(_line, self.rows),
        ]
        return "\n".join(lines) + "\n"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


class Report:
    """Shows tables as they come and can add all of them to a document."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._title = ""
        self.tables: list[Table] = []

    def title(self, text: str) -> None:
        """Say when and on what it was measured."""
        self._title = text
        self._console.print(f"[bold]{text}[/bold]\n")

    def add(self, table: Table) -> None:
        """Show a table."""
        self.tables.append(table)
        self._console.print(table.rich())
        self._console.print()

    def record(self, path: Path) -> None:
        """Add everything to the end of a document."""
        text = "\n".join([f"\n### {self._title}\n", *(table.markdown() for table in self.tables)])
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
