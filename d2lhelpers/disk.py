"""A disk that is full or closed, in one sentence."""
import errno
import os
import shutil

from .names import shown

_WAYS_OUT = {errno.ENOSPC: 'make room on its disk',
             errno.EDQUOT: 'make room: you have used up your share of its disk',
             errno.EROFS: 'work in another folder',
             errno.EACCES: 'change its permissions, or work in another folder',
             errno.EPERM: 'change its permissions, or work in another folder'}


def told(error, path=None, verb='used'):
    """What an error of the system means for whoever reads it.

    Parameters
    ----------
    error : OSError
    path : pathlib.Path, optional
        What was to be written; by default what the error names.
    verb : str
        What cannot be done with it.

    Returns
    -------
    str or None
        None where it is no matter of a full or closed disk.
    """
    if isinstance(error, shutil.Error):  # of a whole folder: its list has the first reason as a text
        number = next((number for number in _WAYS_OUT if f'[Errno {number}]' in str(error)), None)
        error = OSError(number, os.strerror(number or 0), 'a file')
    if error.errno not in _WAYS_OUT:
        return None
    name = path or error.filename
    return (f'{shown(name) if name else "A file"} cannot be {verb} ({error.strerror}): '
            f'{_WAYS_OUT[error.errno]}, then try again.')
