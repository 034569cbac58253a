"""What was signed, remembered outside the database: a database that is put back from a backup forgets it."""

from pathlib import Path

from lrs.files import write_durably


class Memory:
    """The last checkpoint signed of each store, a file each, in a folder that backups of the database don't touch."""

    def __init__(self, folder: Path) -> None:
        """Keep to a folder, which is made when something is first remembered."""
        self.folder = folder

    def file(self, store: str) -> Path:
        """Give the file of a store."""
        return self.folder / f"{store}.checkpoint"

    def recall(self, store: str) -> str | None:
        """Give the last checkpoint remembered; None if there is none. Raises OSError."""
        try:
            return self.file(store).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def remember(self, store: str, checkpoint: str) -> None:
        """Keep a checkpoint; on the disk when this returns. Raises OSError."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_durably(self.file(store), checkpoint)
