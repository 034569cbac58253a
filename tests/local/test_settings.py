"""Settings: where they come from, and what is said about wrong ones."""

from pathlib import Path

import pytest

from lrs.cli.settings import as_markdown
from lrs.settings import RUNNING, Settings, SettingsError, debugging, load
from lrs.store_name import RULE


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "lrs.toml"
    file.write_text('port = 9000\nworkers = 2\ncors_origins = ["https://a.example"]\n')
    settings = load({"LRS_CONFIG": str(file), "LRS_PORT": "9001", "PATH": "/bin"})
    assert (settings.port, settings.workers, settings.cors_origins) == (9001, 2, ("https://a.example",))


def test_debugging_is_said_like_any_other_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not debugging()
    file = tmp_path / "lrs.toml"
    file.write_text("debug = true\n")
    monkeypatch.setenv("LRS_CONFIG", str(file))
    assert debugging()
    monkeypatch.setenv("LRS_DEBUG", "0")
    assert not debugging()
    monkeypatch.setenv("LRS_DEBUG", "perhaps")
    assert not debugging()


def test_an_empty_variable_counts_as_not_given() -> None:
    assert load({"LRS_PORT": "", "LRS_KEY": ""}) == Settings()


def test_lists_are_separated_by_commas() -> None:
    assert load({"LRS_CORS_ORIGINS": "https://a.example, https://b.example"}).cors_origins == (
        "https://a.example",
        "https://b.example",
    )


def test_a_running_up_is_found_unless_a_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / RUNNING).write_text('database_url = "postgresql://local/"\n')
    assert load({"LRS_DATA": str(tmp_path)}).database_url == "postgresql://local/"
    assert load({"LRS_DATA": str(tmp_path)}, running=False).database_url == ""
    named = load({"LRS_DATA": str(tmp_path), "LRS_DATABASE_URL": "postgresql://other/"})
    assert named.database_url == "postgresql://other/"


@pytest.mark.parametrize("name", ["LRS_MASTER_KEY", "LRS_MASTER_KEY_FILE", "LRS_MASTER_KEY_COMMAND"])
def test_who_names_the_master_key_names_it_instead_of_what_lies_lower(tmp_path: Path, name: str) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / RUNNING).write_text('database_url = "postgresql://local/"\nmaster_key_file = "/running"\n')
    file = tmp_path / "lrs.toml"
    file.write_text('master_key_command = "kms get"\n')
    below = {"LRS_DATA": str(tmp_path), "LRS_CONFIG": str(file)}
    assert load({"LRS_DATA": str(tmp_path)}).master_key_file == "/running"
    assert (load(below).master_key_command, load(below).master_key_file) == ("kms get", "")
    found = load({**below, name: "named"})
    named = (found.master_key, found.master_key_file, found.master_key_command)
    assert sorted(named) == ["", "", "named"]
    assert getattr(found, name.removeprefix("LRS_").lower()) == "named"


ORIGINS = "expected origins such as https://content.example.org, without a path, with commas between; or *"


@pytest.mark.parametrize(
    ("environment", "line"),
    [
        ({"LRS_PORT": "http"}, "LRS_PORT: expected a whole number from 0 to 65535, not 'http'"),
        ({"LRS_PORT": "70000"}, "LRS_PORT: expected a whole number from 0 to 65535, not '70000'"),
        ({"LRS_PORT": "1e3"}, "LRS_PORT: expected a whole number from 0 to 65535, not '1e3'"),
        ({"LRS_PORT": "8_080"}, "LRS_PORT: expected a whole number from 0 to 65535, not '8_080'"),
        ({"LRS_WITNESSES": " ,"}, "LRS_WITNESSES: expected something between the commas"),
        ({"LRS_MAX_BATCH": "0"}, "LRS_MAX_BATCH: expected a whole number from 1 up, not '0'"),
        ({"LRS_XAPI_VERSION": "1.0"}, "LRS_XAPI_VERSION: expected 1.0.3 or 2.0.0, not '1.0'"),
        ({"LRS_PUBLIC_URL": "foo"}, "LRS_PUBLIC_URL: expected a URL such as https://lrs.example.org, not 'foo'"),
        (
            {"LRS_PUBLIC_URL": "https://a.example/<b>"},
            "LRS_PUBLIC_URL: expected a URL such as https://lrs.example.org, not 'https://a.example/<b>'",
        ),
        (
            {"LRS_PUBLIC_URL": "https://a.example:port"},
            "LRS_PUBLIC_URL: expected a URL such as https://lrs.example.org, not 'https://a.example:port'",
        ),
        ({"LRS_CORS_ORIGINS": "a.example"}, f"LRS_CORS_ORIGINS: {ORIGINS}, not ['a.example']"),
        ({"LRS_CORS_ORIGINS": "https://a.example/"}, f"LRS_CORS_ORIGINS: {ORIGINS}, not ['https://a.example/']"),
        (
            {"LRS_OIDC_ISSUER": "https://a.example"},
            "LRS_OIDC_CLIENT_ID must be set with LRS_OIDC_ISSUER: our client id at the provider",
        ),
        ({"LRS_STORE": "North"}, f"LRS_STORE: expected {RULE}, not 'North'"),
        ({"LRS_STORE": "north\n"}, f"LRS_STORE: expected {RULE}, not 'north\\n'"),
        ({"LRS_DEBUG": "perhaps"}, "LRS_DEBUG: expected true or false, not 'perhaps'"),
        ({"LRS_PROT": "1"}, "LRS_PROT is no setting: did you mean LRS_PORT?"),
        ({"LRS_QQQ": "1"}, "LRS_QQQ is no setting; `lrs settings` lists them"),
        ({"LRS_DATA": "~nobody-of-that-name/x"}, "LRS_DATA: there is no home folder of ~nobody-of-that-name here"),
        ({"LRS_DATA": "/tmp/\udcff"}, "LRS_DATA: expected text in UTF-8"),  # noqa: S108
        ({"LRS_DATA": "/" + "a" * 256}, f"LRS_DATA: /{'a' * 256} can't be looked into: File name too long"),
        ({"LRS_CONFIG": "/nowhere"}, "the settings file /nowhere can't be read: No such file or directory"),
    ],
)
def test_a_wrong_setting_is_named(environment: dict[str, str], line: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load(environment)
    assert str(refused.value) == line


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LRS_PUBLIC_URL", "https://lrs.example.org"),
        ("LRS_OIDC_ISSUER", "https://login.example.org"),
        ("LRS_CHECKPOINT_WEBHOOK", "https://audit.example.org"),
        ("LRS_CHECKPOINT_SUBJECT", "audit"),
        ("LRS_KEY", "ann"),
        ("LRS_STORE", "north"),
    ],
)
def test_a_line_s_end_is_no_part_of_a_value(name: str, value: str) -> None:
    given = {"LRS_OIDC_CLIENT_ID": "lrs", "LRS_SECRET": ""}
    load({**given, name: value})
    with pytest.raises(SettingsError, match=f"^{name}: expected .*, not "):
        load({**given, name: f"{value}\n"})


def test_a_wrong_name_in_the_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "lrs.toml"
    file.write_text("prot = 1\n")
    with pytest.raises(SettingsError, match=r"^prot in .*lrs\.toml is no setting: did you mean port\?$"):
        load({"LRS_CONFIG": str(file)})


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("oidc_scopes = 3", "expected a list of texts, or one text with commas between them, not 3"),
        ("key = 3", "expected up to 100 letters"),
        ("oidc_client_id = 3", "expected a text, not 3"),
        ("xapi_version = 1", "expected 1.0.3 or 2.0.0, not 1"),
        ("data = 1", "expected a text, not 1"),
    ],
)
def test_a_wrong_value_in_the_file_is_told_in_words(tmp_path: Path, line: str, expected: str) -> None:
    file = tmp_path / "lrs.toml"
    file.write_text(f"{line}\n")
    with pytest.raises(SettingsError) as refused:
        load({"LRS_CONFIG": str(file)})
    assert str(refused.value).startswith(f"{line.split(maxsplit=1)[0]} in {file}: {expected}")


def test_secrets_are_not_shown() -> None:
    settings = Settings(secret="s3cret", master_key="00ff", database_url="postgresql://u:s3cret@h/", nats_url="s3cret")
    assert "s3cret" not in f"{settings} {settings!r}"
    assert "00ff" not in repr(settings)


@pytest.mark.parametrize("text", ["00" * 32, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", f"{'ab' * 32}\n"])
def test_the_master_key_may_be_in_a_file(tmp_path: Path, text: str) -> None:
    file = tmp_path / "key"
    file.write_text(text)
    wrapped = Settings(master_key=text).master().wrap(b"a key", "x")
    assert Settings(master_key_file=str(file)).master().unwrap(wrapped, "x") == b"a key"


@pytest.mark.parametrize("settings", [Settings(), Settings(master_key="00"), Settings(master_key_file="/nowhere")])
def test_without_a_good_master_key_nothing_starts(settings: Settings) -> None:
    with pytest.raises(SettingsError, match="LRS_MASTER_KEY"):
        settings.master()


def test_the_readme_lists_the_settings() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert as_markdown() in readme, "paste what `lrs settings --markdown` prints"


@pytest.mark.parametrize("url", ["not a url", "mysql://x", "postgresql://[::1"])
def test_a_database_url_that_is_none_is_named(url: str) -> None:
    with pytest.raises(SettingsError, match="LRS_DATABASE_URL is no Postgres URL"):
        Settings(database_url=url).database()
