"""What is said of a file that can't be read on."""


class Broken(Exception):
    """The file stops making sense: damaged, cut off or of another kind. The message says where; all before it is in."""
