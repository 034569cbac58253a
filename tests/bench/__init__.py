"""How fast it is, each figure beside a limit measured in the same run: ``python -m tests.bench``."""
