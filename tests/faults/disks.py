"""Disks that are full or may not be written to. What needs a mount needs root, and is skipped without it."""
import contextlib
import os
import subprocess

import pytest


@contextlib.contextmanager
def mounted(folder, *options):
    """A file system of its own in this folder, for as long as the context lasts."""
    if os.geteuid() != 0:
        pytest.skip('only root can mount a small disk')
    folder.mkdir(exist_ok=True)
    done = subprocess.run(['mount', *options, folder], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f'nothing can be mounted here: {done.stderr.strip()}')
    try:
        yield folder
    finally:
        subprocess.run(['umount', '--lazy', folder], check=True)


def small(folder, kilobytes):
    """A disk of so many kB."""
    return mounted(folder, '-t', 'tmpfs', '-o', f'size={kilobytes}k', 'tmpfs')


def read_only(folder):
    """The same folder, but nothing in it can be changed, not even by root."""
    return mounted(folder, '--bind', '-o', 'ro', str(folder))


@contextlib.contextmanager
def filled(disk, left=0):
    """A disk without room, but for some kB; there is room again after the context."""
    filler = disk / 'filler'
    with open(filler, 'wb', buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))
    if left:
        os.truncate(filler, max(0, filler.stat().st_size - left * 1024))
    try:
        yield
    finally:
        filler.unlink()


def contents(folder):
    """Every file with its bytes, hidden ones too, without the filler."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob('*'))
            if path.is_file() and path.name != 'filler'}
