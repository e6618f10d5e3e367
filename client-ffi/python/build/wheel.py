"""Makes the wheel: the package, uniffi's half of it, and the library for the platform that this runs on.

It is the project's own build backend (PEP 517), so that `pip wheel` needs nothing else. `cargo xtask ffi python` writes uniffi's half first;
`PITAYA_LIBRARY` names another library than the one beside it, such as the one that is built small.
"""

import base64
import hashlib
import os
import sysconfig
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LIBRARIES = {".so", ".dylib", ".dll"}


def build_wheel(
    wheel_directory: str, config_settings: dict[str, Any] | None = None, metadata_directory: str | None = None
) -> str:
    """Writes the wheel and says its name."""
    del config_settings, metadata_directory
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    name = f"{project['name'].replace('-', '_')}-{project['version']}"
    tag = "py3-none-" + sysconfig.get_platform().replace("-", "_").replace(".", "_")
    wheel = f"{name}-{tag}.whl"
    with zipfile.ZipFile(Path(wheel_directory, wheel), "w", zipfile.ZIP_DEFLATED) as archive:
        record = []
        for path, content in (*_package(), *_information(f"{name}.dist-info", project, tag)):
            archive.writestr(path, content)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            record.append(f"{path},sha256={digest},{len(content)}\n")
        path = f"{name}.dist-info/RECORD"
        archive.writestr(path, "".join((*record, f"{path},,\n")))
    return wheel


def _package() -> Iterator[tuple[str, bytes]]:
    chosen = os.environ.get("PITAYA_LIBRARY")
    found = False
    for path in sorted((ROOT / "pitaya_client").rglob("*")):
        if path.is_dir() or path.suffix == ".pyc":
            continue
        if path.suffix in LIBRARIES:
            found = True
        content = Path(chosen) if chosen and path.suffix in LIBRARIES else path
        yield path.relative_to(ROOT).as_posix(), content.read_bytes()
    if not found:
        raise FileNotFoundError("the library is not there yet: run `cargo xtask ffi python`")


def _information(folder: str, project: dict[str, Any], tag: str) -> Iterator[tuple[str, bytes]]:
    metadata = (
        "Metadata-Version: 2.4\n"
        f"Name: {project['name']}\n"
        f"Version: {project['version']}\n"
        f"Summary: {project['description']}\n"
        f"Requires-Python: {project['requires-python']}\n"
        f"License-Expression: {project['license']}\n"
        "Description-Content-Type: text/markdown\n\n"
    )
    yield f"{folder}/METADATA", (metadata + (ROOT / project["readme"]).read_text()).encode()
    yield f"{folder}/WHEEL", f"Wheel-Version: 1.0\nGenerator: pitaya\nRoot-Is-Purelib: false\nTag: {tag}\n".encode()
