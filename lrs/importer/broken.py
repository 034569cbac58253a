"""What is said of a file that can't be read on."""

from lrs.errors import Told


class Broken(Told):
    """The file stops making sense: damaged, cut off or of another kind. The message says where; all before it is in."""
