"""Whom the embedded PostgreSQL runs as: it refuses root, so root lends it an account without rights."""

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingress.cli.up.failure import StartFailed

_WITHOUT_RIGHTS = ("nobody", "postgres", "daemon")


@dataclass(frozen=True, slots=True)
class Account:
    """`identity` goes to Popen; `prefix` stands before the command where root has no other user to become."""

    identity: tuple[int, int] | None
    prefix: tuple[str, ...] = ()

    def popen_arguments(self) -> dict[str, Any]:
        if self.identity is None:
            return {}
        return {"user": self.identity[0], "group": self.identity[1], "extra_groups": []}

    def own(self, directory: Path) -> None:
        """Give the directory and all in it to this account, if it is not the owner yet."""
        if self.identity is None or directory.stat().st_uid == self.identity[0]:
            return
        for folder, _, files in os.walk(directory):
            for path in (folder, *(os.path.join(folder, name) for name in files)):  # noqa: PTH118 - one call per file
                os.chown(path, *self.identity, follow_symlinks=False)

    def can_run(self, *command: str) -> bool:
        try:
            done = subprocess.run(
                [*self.prefix, *command],
                cwd="/",
                capture_output=True,
                timeout=20,
                check=False,
                **self.popen_arguments(),
            )
        except (OSError, subprocess.SubprocessError):
            return False
        return done.returncode == 0


MYSELF = Account(None)


def account_for(data: Path) -> Account:
    """Myself, unless I am root: then the owner of earlier data, else an account without rights."""
    if os.geteuid() != 0:
        return MYSELF
    candidates = [found for name in _WITHOUT_RIGHTS if (found := _entry(name))]
    if data.exists() and (owner := _entry(data.stat().st_uid)) and owner.pw_uid != 0:
        candidates.insert(0, owner)
    for entry in candidates:
        account = Account((entry.pw_uid, entry.pw_gid))
        if account.can_run("/bin/sh", "-c", ":"):
            return account
    # A container may have root and no other user; there a name for root in a namespace of its own serves.
    renamed = Account(None, ("unshare", "--user", "--map-user=65534", "--map-group=65534"))
    if shutil.which("unshare") and renamed.can_run("/bin/sh", "-c", ":"):
        return renamed
    raise StartFailed("PostgreSQL refuses to run as root, and no other account can be used: run as an ordinary user")


def _entry(who: str | int) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(who) if isinstance(who, str) else pwd.getpwuid(who)
    except KeyError:
        return None


def runnable(bin_dir: Path, account: Account, *, places: Sequence[Path] = ()) -> Path:
    """The directory of PostgreSQL's programs, or of a copy of them when the account may not come to that place."""
    if account.can_run(str(bin_dir / "initdb"), "--version"):
        return bin_dir
    # A wheel's layout is <package>/pginstall/bin, its libraries in <package>.libs beside the package.
    package = bin_dir.parents[1] if bin_dir.parent.name == "pginstall" else bin_dir.parent
    usual = (Path("/var/cache/carelane"), Path(tempfile.gettempdir(), f"carelane-{os.geteuid()}"))
    for place in places or usual:
        copied = _copied(package, place)
        if copied and account.can_run(str(copied / bin_dir.relative_to(package) / "initdb"), "--version"):
            return copied / bin_dir.relative_to(package)
    raise StartFailed(
        f"PostgreSQL's programs in {bin_dir} cannot be run by the account it runs as, nor can copies of them: "
        "install Carelane where others may look, or run it as an ordinary user"
    )


def _copied(package: Path, place: Path) -> Path | None:
    """A readable copy, made once for each version; the programs are public, so that all may read them."""
    marks = (package, *package.glob("**/bin/postgres"))
    stamp = hashlib.sha256("".join(f"{path} {path.stat().st_mtime_ns}" for path in marks).encode()).hexdigest()[:16]
    target = place / stamp
    try:
        place.mkdir(mode=0o755, parents=True, exist_ok=True)
        status = place.stat()
        if status.st_uid != os.geteuid() or status.st_mode & 0o022:
            return None  # somebody else could put programs of theirs here
        if not target.exists():
            draft = Path(tempfile.mkdtemp(dir=place))
            for source in (package, package.with_name(f"{package.name}.libs")):
                if source.exists():
                    shutil.copytree(source, draft / source.name, symlinks=True)
            _open_to_all(draft)
            draft.rename(target)
    except OSError:
        return None
    return target / package.name


def _open_to_all(tree: Path) -> None:
    for folder, _, files in os.walk(tree):
        Path(folder).chmod(0o755)
        for path in (Path(folder, name) for name in files):
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
