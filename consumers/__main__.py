"""``python -m consumers``: what `lrs consume`, `rebuild NAME`, `verify`, `parked` and `policy try` run."""

from lrs.start import run

if __name__ == "__main__":
    run("consumers.commands")
