"""Where a pack's files are: a folder, a zip, or a shipped pack's name. Reads bytes, within bounds; runs nothing."""

from __future__ import annotations

import hashlib
import lzma
import os
import zipfile
import zlib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from envrules.diagnostics import Diagnostic, PackError, nearest
from envrules.pack.document import MAX_BYTES

_ROOMS = ("records", "standards")
MAX_FILES = 3000
MAX_TOTAL = 30_000_000


@dataclass(frozen=True)
class PackFiles:
    """The YAML files of a pack by their path inside it.

    Args:
        where: how messages name the pack; root: the folder or zip itself.
        base: the files of the pack that it builds on, where they were sent along and are not to be looked for.
    """

    where: str
    files: dict[str, bytes]
    root: Path = Path()
    base: PackFiles | None = None

    @property
    def sha256(self) -> str:
        """The digest of all files with their names, in name order."""
        digest = hashlib.sha256()
        for name in sorted(self.files):
            content = self.files[name]
            digest.update(f"{name}\0{len(content)}\0".encode())
            digest.update(content)
        return digest.hexdigest()


def shipped_folder() -> Path:
    """The folder of the shipped packs: inside the installed package, or the checkout's `rules/`."""
    inside = Path(str(resources.files("envrules"))) / "_rules"
    return inside if inside.is_dir() else Path(__file__).resolve().parents[3] / "rules"


def shipped_packs() -> list[str]:
    """The names of the shipped packs."""
    folder = shipped_folder()
    return sorted(p.parent.name for p in folder.glob("*/pack.yaml")) if folder.is_dir() else []


def find_pack(source: str | Path, base: Path | None = None) -> PackFiles:
    """The files of a pack.

    Args:
        source: the name of a shipped pack, or a folder or zip.
        base: the folder or zip of the pack that builds on it, from which a relative path then starts.

    Raises:
        PackError: `pack-not-found`, `pack-unreadable` or `yaml-limit`.
    """
    name = where = str(source)
    path = Path(source)
    if base is not None:
        # Not resolved by the file system, so that `../city` leads out of a zip as it does out of a folder.
        path = Path(os.path.normpath(base / path))
        where = path.as_posix()
    try:
        if name in shipped_packs() and not (path / "pack.yaml").is_file():
            return _folder(shipped_folder() / name, f"rules/{name}")
        if path.is_dir():
            return _folder(path, where)
        if path.is_file():
            return _zip(path, where)
    except OSError as error:
        raise _refuse("pack-unreadable", name, f"the pack cannot be read: {error.strerror or error}") from None
    raise _refuse(
        "pack-not-found",
        name,
        "there is no such pack: no folder, zip or shipped pack has this name",
        "shipped: " + ", ".join(shipped_packs()),
        nearest(name, shipped_packs()),
    )


def _refuse(code: str, where: str, what: str, expected: str = "", hint: str = "") -> PackError:
    return PackError([Diagnostic(code, where, what, expected, hint=hint)])


def _folder(folder: Path, where: str) -> PackFiles:
    if not (folder / "pack.yaml").is_file():
        raise _refuse("pack-not-found", where, "the folder is no pack", "a file pack.yaml in it")
    paths = sorted([*folder.glob("*.yaml"), *(p for room in _ROOMS for p in folder.glob(f"{room}/*.yaml"))])
    files: dict[str, bytes] = {}
    total = 0
    for path in paths[: MAX_FILES + 1]:
        if not path.is_file():  # a pipe would be waited for without end
            name = f"{where}/{path.relative_to(folder).as_posix()}"
            raise _refuse("pack-unreadable", name, "this is not an ordinary file, or a link to nothing")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        total += len(content)
        files[path.relative_to(folder).as_posix()] = content
    _check_bounds(where, len(paths), total)
    return PackFiles(where.rstrip("/"), files, folder)


def _zip(path: Path, where: str) -> PackFiles:
    files: dict[str, bytes] = {}
    total = 0
    try:
        with zipfile.ZipFile(path) as archive:
            names = [i for i in archive.infolist() if i.filename.endswith(".yaml") and not i.is_dir()]
            _check_bounds(where, len(names), 0)
            roots = [i.filename[: -len("pack.yaml")] for i in names if i.filename.rsplit("/", 1)[-1] == "pack.yaml"]
            if len(roots) != 1:
                raise _refuse("pack-not-found", where, "the archive is no pack", "one file pack.yaml in it")
            for info in names:
                inside = info.filename.removeprefix(roots[0])
                if info.filename.startswith(roots[0]) and (
                    inside.count("/") == 0 or inside.startswith(tuple(f"{room}/" for room in _ROOMS))
                ):
                    with archive.open(info) as file:  # an entry's stated size may lie, so the reading is bounded
                        content = file.read(MAX_BYTES + 1)
                    total += len(content)
                    _check_bounds(where, len(names), total)
                    files[inside] = content
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        zlib.error,
        lzma.LZMAError,
        NotImplementedError,
        RuntimeError,
        EOFError,
    ) as error:
        raise _refuse(
            "pack-unreadable", where, f"the file is not a zip that can be read: {error}", "a folder or a zip"
        ) from None
    return PackFiles(where, files, path)


def _check_bounds(where: str, count: int, total: int) -> None:
    if count > MAX_FILES:
        raise _refuse("yaml-limit", where, f"the pack has {count} files; at most {MAX_FILES} are read")
    if total > MAX_TOTAL:
        raise _refuse("yaml-limit", where, f"the pack's files have more than {MAX_TOTAL} bytes together")
