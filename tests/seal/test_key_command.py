"""The master key from a command."""

import shlex
import sys
from pathlib import Path

import pytest

from lrs.seal import command
from lrs.settings import Settings, SettingsError

KEY = "ab" * 32


def python(program: str) -> str:
    return shlex.join([sys.executable, "-c", program])


def refusal(command_: str) -> str:
    with pytest.raises(SettingsError) as refused:
        Settings(master_key_command=command_).master()
    return str(refused.value)


def test_what_a_command_prints_is_the_key_and_it_is_asked_once(tmp_path: Path) -> None:
    count = tmp_path / "count"
    settings = Settings(master_key_command=python(f"open({str(count)!r}, 'a').write('x'); print({KEY!r})"))
    wrapped = settings.master().wrap(b"a key", "x")
    assert Settings(master_key=KEY).master().unwrap(wrapped, "x") == b"a key"
    settings.master()
    assert count.read_text() == "x"


def test_no_shell_reads_the_command(tmp_path: Path) -> None:
    made = tmp_path / "made"
    assert "64 hex digits" in refusal(f"echo $(touch {made}); touch {made}")
    assert not made.exists()


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ("/nowhere/kms", "LRS_MASTER_KEY_COMMAND: /nowhere/kms can't be run: No such file or directory"),
        ("/", "LRS_MASTER_KEY_COMMAND: / can't be run: Permission denied"),
        ("kms 'get", "LRS_MASTER_KEY_COMMAND: it can't be split into words: No closing quotation"),
        (" ", "LRS_MASTER_KEY_COMMAND: there is no command in it"),
        ("false", "LRS_MASTER_KEY_COMMAND: false ended with 1"),
        ("true", "LRS_MASTER_KEY_COMMAND: a master key is 32 bytes, written as 64 hex digits or as base64"),
    ],
)
def test_what_goes_wrong_is_one_line(given: str, line: str) -> None:
    assert refusal(given) == line


def test_the_last_thing_it_says_is_shown_but_never_what_it_prints() -> None:
    program = f"import sys; print({KEY!r}); print('trying\\naccess denied\\x07', file=sys.stderr); sys.exit(3)"
    said = refusal(python(program))
    assert said.endswith(" ended with 3: access denied")
    assert KEY not in said
    wrong = refusal(python("print('s3cret')"))
    assert "s3cret" not in wrong.replace(python("print('s3cret')"), "")
    assert "did not print text" in refusal(python("import sys; sys.stdout.buffer.write(bytes([255]))"))
    assert "printed 5,000 bytes" in refusal(python("import sys; sys.stdout.write('x' * 5000)"))


def test_a_command_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "PATIENCE", 0.2)
    assert refusal("sleep 60").startswith("LRS_MASTER_KEY_COMMAND: sleep did not end within")


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (
            {"master_key_file": "/nowhere", "master_key_command": "false"},
            "LRS_MASTER_KEY_FILE and LRS_MASTER_KEY_COMMAND",
        ),
        ({"master_key": KEY, "master_key_file": "/nowhere"}, "LRS_MASTER_KEY and LRS_MASTER_KEY_FILE"),
        ({"master_key": KEY, "master_key_command": "false"}, "LRS_MASTER_KEY and LRS_MASTER_KEY_COMMAND"),
    ],
)
def test_none_of_two_is_chosen(given: dict[str, str], named: str) -> None:
    """Or `lrs key check` would say of a copy that it is good, and have tried another."""
    with pytest.raises(SettingsError) as refused:
        Settings(**given).master()  # type: ignore[arg-type]
    assert str(refused.value) == f"{named} are set: name one place where the master key is"
