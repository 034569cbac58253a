"""Makes the environment in .venv from the lock file, on a machine with nothing but Python.

Standard library only. Uses the uv on PATH if there is one, else gets its own copy: with pip if that is there, else from
the package index by itself (Debian's python3 comes without pip and venv). The Python is always the machine's own.
"""

import compileall
import hashlib
import json
import os
import platform
import shutil
import ssl
import stat
import subprocess
import sys
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

UV = "0.13.9"
OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
TOOLS = ROOT / ".tools"
PACKAGES = ("lrs", "schemas", "projections", "consumers")


def main():
    """Find a Python and a uv, and let it do the work."""
    if sys.version_info < OLDEST:
        use_newer_python()
    uv = shutil.which("uv") or own_uv()
    environment = dict(os.environ, UV_PYTHON_DOWNLOADS="never", UV_PROJECT_ENVIRONMENT=str(ENVIRONMENT))
    environment.pop("VIRTUAL_ENV", None)
    certificates = certificate_file()
    if certificates:
        environment.setdefault("SSL_CERT_FILE", certificates)
    # Compiled once, here: where Python doesn't write down what it compiled, each start would do it again, for seconds.
    command = [uv, "sync", "--frozen", "--quiet", "--compile-bytecode"]
    command += ["--python", base_python(), "--project", str(ROOT)]
    if subprocess.run(command, env=environment, check=False).returncode:  # noqa: S603
        sys.exit("bootstrap: uv could not make the environment; it says why above")
    for package in PACKAGES:
        compileall.compile_dir(ROOT / package, quiet=2)


def use_newer_python():
    """Run this again with a newer Python, if there is one."""
    for minor in range(19, OLDEST[1] - 1, -1):
        python = shutil.which("python3.%d" % minor)  # noqa: UP031  # an old Python reads this
        if python:
            os.execv(python, [python, *sys.argv])  # noqa: S606
    found = ".".join(map(str, sys.version_info[:2]))
    sys.exit("bootstrap: this is Python " + found + "; Python 3.11 or newer is needed (python.org, or your packages)")


def base_python():
    """Give the machine's Python: not one of a virtual environment, which may be the one we are about to make."""
    return getattr(sys, "_base_executable", None) or sys.executable


def own_uv():
    """Give our own copy of uv."""
    uv = TOOLS / ("uv-" + UV) / "bin" / "uv"
    if not uv.exists():
        draft = TOOLS / "draft"
        shutil.rmtree(draft, ignore_errors=True)
        if not with_pip(draft):
            shutil.rmtree(draft, ignore_errors=True)
            without_pip(draft)
        shutil.rmtree(uv.parent.parent, ignore_errors=True)
        draft.rename(uv.parent.parent)
    return str(uv)


def with_pip(folder):
    """Install uv in a folder with pip, which knows the machine's mirrors and certificates; gives whether it worked."""
    pip = [sys.executable, "-m", "pip"]
    if subprocess.run([*pip, "--version"], capture_output=True, check=False).returncode:  # noqa: S603
        return False
    command = [*pip, "install", "--quiet", "--disable-pip-version-check", "--target", str(folder), "uv==" + UV]
    return subprocess.run(command, check=False).returncode == 0 and (folder / "bin" / "uv").exists()  # noqa: S603


def without_pip(folder):
    """Take uv's wheel from the package index, check its SHA-256, and unpack the program."""
    index = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple").rstrip("/")
    listing = json.loads(fetch(index + "/uv/", {"Accept": "application/vnd.pypi.simple.v1+json"}))
    wanted = [one for one in listing["files"] if one["filename"].startswith("uv-" + UV + "-") and fits(one["filename"])]
    if not wanted:
        machine = platform.system() + " on " + platform.machine()
        sys.exit("bootstrap: there is no uv for " + machine + "; install uv (docs.astral.sh/uv) and try again")
    wheel = fetch(urllib.parse.urljoin(index + "/uv/", wanted[0]["url"]), {})
    if hashlib.sha256(wheel).hexdigest() != wanted[0]["hashes"]["sha256"]:
        sys.exit("bootstrap: what came for " + wanted[0]["filename"] + " is damaged; try again")
    uv = folder / "bin" / "uv"
    uv.parent.mkdir(parents=True)
    packed = folder / "uv.whl"
    packed.write_bytes(wheel)
    with zipfile.ZipFile(packed) as archive:
        uv.write_bytes(archive.read("uv-" + UV + ".data/scripts/uv"))
    packed.unlink()
    uv.chmod(uv.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)


def fits(filename):
    """Tell whether a wheel is for this machine."""
    machine = platform.machine().lower().replace("amd64", "x86_64")
    if sys.platform == "darwin":
        return "macosx" in filename and filename.endswith(machine + ".whl")
    libc = "manylinux" if platform.libc_ver()[0] == "glibc" else "musllinux"
    return libc in filename and machine + "." in filename


def fetch(url, headers):
    """Give what is at a URL."""
    context = ssl.create_default_context(cafile=certificate_file())
    try:
        request = urllib.request.Request(url, headers=headers)  # noqa: S310  # https, or the mirror the user named
        with urllib.request.urlopen(request, context=context, timeout=120) as answer:  # noqa: S310
            return answer.read()
    except OSError as error:
        sys.exit("bootstrap: can't fetch " + url + ": " + str(error))


def certificate_file():
    """Give the file of trusted certificates that the user named, if any."""
    return os.environ.get("SSL_CERT_FILE") or os.environ.get("PIP_CERT")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
