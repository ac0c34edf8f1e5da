"""A zip archive read as a folder: nothing is ever extracted, so nothing can be written anywhere."""
import contextlib
import zipfile
from pathlib import PurePosixPath

from .errors import CourseError
from .names import shown
from .signatures import HEAD, kind, stand_in

_UTF8, _ENCRYPTED = 0x800, 0x1  # flags of a member
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}


def as_folder(path):
    """A folder, or a zip archive read as one.

    Archives of other systems are read as they are meant: with backslashes between the folders (PowerShell 5),
    and with names in UTF-8 that are not marked as such (macOS).

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    pathlib.Path or zipfile.Path
        Both have ``iterdir``, ``is_dir``, ``name`` and ``open``.

    Raises
    ------
    CourseError
        If the file is no zip archive, its members are encrypted, compressed in a way that Python does not
        know, or point outside it.
    """
    if path.is_dir():
        return path
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise CourseError(f'{shown(path)} is no zip archive, but {_instead(path)}.') from error
    except OSError as error:
        raise CourseError(f'{shown(path)} cannot be opened ({error.strerror}).') from error
    _as_meant(archive)
    for member in archive.filelist:
        name = PurePosixPath(member.filename)
        if name.is_absolute() or '..' in name.parts or member.filename[1:2] == ':':
            raise CourseError(f'{shown(path)} has a member {shown(member.filename)!r} that points outside '
                              'the archive: do not use this file, fetch it from its own source.')
    if any(member.flag_bits & _ENCRYPTED for member in archive.filelist):
        raise CourseError(f'{shown(path)} is encrypted: unpack it with its password, and use the folder '
                          'instead.')
    if any(member.compress_type not in _METHODS for member in archive.filelist):
        raise CourseError(f'{shown(path)} is compressed in a way that Python cannot read: unpack it, and use '
                          'the folder instead.')
    return zipfile.Path(archive)


def _instead(path):
    with open(path, 'rb') as file:
        head = file.read(HEAD)
    if kind(head) == 'archive' and not head.startswith(b'PK'):
        return 'an archive of another kind; unpack it, and use the folder instead'
    return stand_in(head) or 'perhaps a download that broke off; delete it and fetch it again'


def _as_meant(archive):
    """Members by the names that whoever packed them had in mind."""
    for member in archive.filelist:
        if not member.flag_bits & _UTF8:
            with contextlib.suppress(UnicodeError):  # really in another encoding, and nothing says in which
                member.filename = member.filename.encode('cp437').decode('utf-8')
        member.filename = member.filename.replace('\\', '/')
    archive.NameToInfo = {member.filename: member for member in archive.filelist}
