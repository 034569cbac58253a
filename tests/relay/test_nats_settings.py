"""How NATS is reached: what the settings say and what is said about wrong ones."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import nkeys  # type: ignore[import-untyped]
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from nats.aio.client import Client

from lrs.local.nats import _binary
from lrs.settings import Settings, SettingsError, load, nats_options
from tests.relay.given import eventually


def test_several_servers_and_a_user() -> None:
    environment = {"LRS_NATS_URL": "nats://a:4222, tls://b", "LRS_NATS_USER": "ann", "LRS_NATS_PASSWORD": "secret"}
    assert nats_options(load(environment)) == {
        "servers": ["nats://a:4222", "tls://b"],
        "user": "ann",
        "password": "secret",
    }


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({}, "LRS_NATS_URL is not set, and no `lrs up` is running on the data folder data: set one or start the other"),
        ({"nats_url": " ,"}, "LRS_NATS_URL is no NATS URL: write nats://host:4222 or tls://host:4222"),
        ({"nats_url": "http://a"}, "LRS_NATS_URL is no NATS URL: write nats://host:4222 or tls://host:4222"),
        ({"nats_url": "nats://a,b"}, "LRS_NATS_URL is no NATS URL: write nats://host:4222 or tls://host:4222"),
        ({"nats_url": "nats://a:x"}, "LRS_NATS_URL is no NATS URL: write nats://host:4222 or tls://host:4222"),
        ({"nats_password": "x"}, "LRS_NATS_PASSWORD is set without LRS_NATS_USER: set that too"),
        (
            {"nats_token": "x", "nats_nkey_file": "y"},
            "LRS_NATS_TOKEN and LRS_NATS_NKEY_FILE are set: choose one way to say who we are at NATS",
        ),
        ({"nats_nkey_file": "/none"}, "LRS_NATS_NKEY_FILE (/none) can't be read: No such file or directory"),
        (
            {"nats_credentials_file": "/none"},
            "LRS_NATS_CREDENTIALS_FILE (/none) can't be read: No such file or directory",
        ),
        (
            {"nats_ca_file": __file__},
            "certificates for NATS are set, but LRS_NATS_URL isn't encrypted: write tls://host:4222",
        ),
        (
            {"nats_url": "tls://a", "nats_key_file": __file__},
            "LRS_NATS_CERTIFICATE_FILE and LRS_NATS_KEY_FILE belong together: set both or neither",
        ),
    ],
)
def test_a_wrong_setting_is_named(given: dict[str, str], line: str) -> None:
    settings = Settings(**{**({"nats_url": "nats://a"} if given else {}), **given})  # type: ignore[arg-type]
    with pytest.raises(SettingsError) as refused:
        nats_options(settings)
    assert str(refused.value) == line


def test_certificates_that_are_none_are_refused() -> None:
    with pytest.raises(SettingsError, match="the certificates for NATS can't be used"):
        nats_options(Settings(nats_url="tls://a", nats_ca_file=__file__))


def test_secrets_are_not_shown() -> None:
    shown = repr(Settings(nats_url="nats://u:pw1@a", nats_user="u", nats_password="pw2", nats_token="pw3"))
    assert "pw" not in shown.replace("nats_password", "")


async def _connects(**options: Any) -> bool:
    client = Client()
    await client.connect(**options, allow_reconnect=False, connect_timeout=5)
    connected = client.is_connected
    await client.close()
    return connected


@contextmanager
def _server(folder: Path, configured: str) -> Iterator[None]:
    folder.mkdir()
    config = folder / "nats.conf"
    config.write_text(f"listen: 127.0.0.1:-1\nports_file_dir: {folder}\n{configured}\n")
    process = subprocess.Popen([_binary(), "--config", config], stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


async def _port(folder: Path) -> str:
    def written() -> list[str]:
        return [file.read_text() for file in folder.glob("*.ports")]

    await eventually(lambda: any(written()))
    return written()[0].split("127.0.0.1:")[1].split('"')[0]


async def test_a_token_opens_nats(tmp_path: Path) -> None:
    with _server(tmp_path / "nats", "authorization { token: sesame }"):
        url = f"nats://127.0.0.1:{await _port(tmp_path / 'nats')}"
        assert await _connects(**nats_options(Settings(nats_url=url, nats_token="sesame")))


async def test_an_nkey_opens_nats(tmp_path: Path) -> None:
    pair = nkeys.from_seed(nkeys.encode_seed(bytes(range(32)), nkeys.PREFIX_BYTE_USER))
    seed = tmp_path / "seed.nk"
    seed.write_bytes(bytes(pair.seed))
    with _server(tmp_path / "nats", f"authorization {{ users: [{{nkey: {pair.public_key.decode()}}}] }}"):
        url = f"nats://127.0.0.1:{await _port(tmp_path / 'nats')}"
        assert await _connects(**nats_options(Settings(nats_url=url, nats_nkey_file=str(seed))))


async def test_certificates_are_checked_both_ways(tmp_path: Path) -> None:
    certificate, key = _self_signed(tmp_path)
    tls = f"tls {{ cert_file: {certificate}, key_file: {key}, ca_file: {certificate}, verify: true }}"
    files = {"nats_certificate_file": str(certificate), "nats_key_file": str(key)}
    with _server(tmp_path / "nats", tls):
        url = f"tls://127.0.0.1:{await _port(tmp_path / 'nats')}"
        assert await _connects(**nats_options(Settings(nats_url=url, nats_ca_file=str(certificate), **files)))  # type: ignore[arg-type]


def _self_signed(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for this machine, which vouches for itself; gives the files of it and of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "nats")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, datetime(2020, 1, 1), datetime(2120, 1, 1))  # noqa: DTZ001
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths
