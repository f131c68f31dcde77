"""nbgrader's exchange on a shared machine: collect what a learner's own account handed in, and nothing else.

Every learner may write into the exchange's inbound folder, under any name, and links as well: nbgrader
collects the first with a warning in a log, and follows the second with the rights of the grader. The hub's
nbgrader_config.py names this class: `c.ExchangeFactory.collect`.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TypedDict

from nbgrader.exchange.default import ExchangeCollect
from nbgrader.utils import find_owner, is_ignored


class Record(TypedDict):
    """What nbgrader makes of a submission's path, as far as it is looked at here."""

    username: str | None


class CollectPlainFiles(ExchangeCollect):  # type: ignore[misc]
    """Collects plain files only. For hubs on which all learners are one account, as in containers."""

    def do_copy(self, src: str, dest: str) -> None:
        """Copy the plain files of a submission; never through a link, whenever it was put there.

        nbgrader's own limits hold, in kilobytes: coursedir.max_file_size and coursedir.max_dir_size. What is
        over them is left out, and does not stop the class.
        """
        room = self.coursedir.max_dir_size * 1000
        for path, folders, names, folder in os.fwalk(src, follow_symlinks=False):
            folders[:] = [name for name in folders if not self._is_ignored(path, name)]
            target = Path(dest) / Path(path).relative_to(src)
            target.mkdir(parents=True, exist_ok=True)
            for name in names:
                if self._is_ignored(path, name):
                    continue
                most = min(room, self.coursedir.max_file_size * 1000)
                size = _copy(name, folder, target / name, most)
                room -= size or 0
                if size is None:
                    self.log.error("%s is a link, no plain file, or too large: left out", Path(path) / name)

    def _is_ignored(self, folder: str, name: str) -> bool:
        return bool(is_ignored(str(Path(folder) / name), self.coursedir.ignore))


class CollectFromOwners(CollectPlainFiles):
    """Collects the newest submission of each learner of those that this learner's account owns."""

    def _path_to_record(self, path: str) -> Record:
        record: Record = super()._path_to_record(path)
        try:
            owner = find_owner(path)
        except KeyError:
            owner = "an unknown account"
        if owner != record["username"]:
            self.log.error("%s is owned by %s: it is not collected", path, owner)
            record["username"] = None
        return record

    def init_src(self) -> None:
        """Find the submissions, as nbgrader does; those under another's name are one group, and left out."""
        super().init_src()
        found: list[Record] = vars(self)["src_records"]
        self.src_records = [record for record in found if record["username"] is not None]


def _copy(name: str, folder: int, target: Path, most: int) -> int | None:
    """Copy one plain file of at most so many bytes; returns its size, None where it was not copied."""
    # Not blocking: opening a named pipe would wait for a writer for ever.
    try:
        handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError:
        return None
    with os.fdopen(handle, "rb") as file:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode) or about.st_size > most:
            return None
        # Read once, up to the limit: the file may grow while it is copied.
        data = file.read(most)
    target.write_bytes(data)
    return len(data)
