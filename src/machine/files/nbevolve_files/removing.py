"""Owns: removing a folder with all that is in it, while others may change it. Every folder below is moved up into the
first one before it is emptied, so that neither depth nor the number of open descriptors matters. Only names are removed:
what a link leads to stays, and so does what another hard link names.
"""

import os

from nbevolve_files.reach import FOLDER, open_folder, opened

# Others may put something in anew: after so many looks a folder that is never empty is left.
LOOKS = 5


def remove(name: str, parent: int) -> None:
    """Whatever has this name. Nothing need be there. @raises OSError when it cannot be removed."""
    try:
        if unlink(name, parent):
            return
        with opened(open_anyhow(name, parent)) as heap:
            empty(heap)
        os.rmdir(name, dir_fd=parent)
    except FileNotFoundError:
        pass


def remove_path(path: str) -> None:
    """A folder that only its own user could have put there. @raises OSError when it cannot be removed."""
    above, name = os.path.split(os.path.abspath(path))
    with opened(os.open(above, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)) as parent:
        remove(name, parent)


def empty(heap: int) -> None:
    mark, count = os.urandom(8).hex(), 0
    for _ in range(LOOKS):
        waiting = clear_files(heap)
        if not waiting:
            return
        while waiting:
            name = waiting.pop()
            try:
                with opened(open_anyhow(name, heap)) as folder:
                    for below in clear_files(folder):
                        moved = f"{mark}-{count}"
                        count += 1
                        if move(below, folder, moved, heap):
                            waiting.append(moved)
                os.rmdir(name, dir_fd=heap)
            except OSError:
                continue  # it was changed meanwhile: the next look finds what it is now


def clear_files(folder: int) -> list[str]:
    """Removes all that is no folder; the names of the folders."""
    folders = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False) or not unlink(entry.name, folder):
                folders.append(entry.name)
    return folders


def unlink(name: str, parent: int) -> bool:
    """False for a folder."""
    try:
        os.unlink(name, dir_fd=parent)
    except FileNotFoundError:
        pass
    except (IsADirectoryError, PermissionError):
        return False
    return True


def move(name: str, folder: int, to: str, heap: int) -> bool:
    try:
        try:
            os.rename(name, to, src_dir_fd=folder, dst_dir_fd=heap)
        except PermissionError:
            os.close(open_anyhow(name, folder))
            os.rename(name, to, src_dir_fd=folder, dst_dir_fd=heap)
        return True
    except OSError:
        return False


def open_anyhow(name: str, parent: int) -> int:
    """A folder that can be emptied, whatever its permissions were."""
    try:
        fd = open_folder(name, parent)
    except PermissionError:
        if not hasattr(os, "O_PATH"):
            raise
        # The very folder, not what has its name by now.
        with opened(os.open(name, os.O_PATH | FOLDER, dir_fd=parent)) as found:
            os.chmod(f"/proc/self/fd/{found}", 0o700)
        fd = open_folder(name, parent)
    if os.fstat(fd).st_mode & 0o700 != 0o700:
        os.fchmod(fd, 0o700)
    return fd
