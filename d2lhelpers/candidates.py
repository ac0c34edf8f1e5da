"""Which of the learner's files is meant: local copies of data, in any spelling of their names.

The learner's own photos are never passed over for others without a word: two copies that could both be meant
are an error, and so are photos that lie where they are not looked for.
"""
import filecmp
import fnmatch
import os
from pathlib import Path

from .class_folders import PHOTOS, visible
from .errors import CourseError
from .messages import say
from .names import shown, some

# Folders that a folder of data may have besides; photos in there are somebody else's
_OTHERS = {'hotdog', 'faces', 'orl', 'bsds', 'mnist', 'weights', 'wheels', 'downloads'}
_PACKED = ('.rar', '.7z', '.tar', '.tar.gz', '.tgz', '.tar.bz2', '.tar.xz', '.zipx')
_FOLDERS = 300  # looked into, at most, for photos in the wrong place: the folder may be a whole disk


def choose(folder, patterns):
    """The copy that is meant, of those that fit.

    Parameters
    ----------
    folder : pathlib.Path
    patterns : sequence of str
        As for ``Path.glob``, without ``**``; capital and small letters do not matter.

    Returns
    -------
    pathlib.Path or None
        A folder of photos before an archive.

    Raises
    ------
    CourseError
        If two different ones fit.
    """
    found = list(dict.fromkeys(path for pattern in patterns for path in _matching(folder, pattern)))
    folders = [path for path in found if path.is_dir()]
    archives = [path for path in found if not path.is_dir()]
    if archives:  # a folder that only holds the archive is none of photos
        folders = [path for path in folders if any(e.is_dir() or _is_photo(e.name) for e in visible(path))]
    if folders and archives:
        say(f'{shown(folders[0])} is used, and not {some(archives)}: a folder of photos comes before an '
            'archive.')
    meant = folders or archives
    for other in meant[1:]:
        if other.is_dir() or not filecmp.cmp(meant[0], other, shallow=False):
            raise CourseError(f'{shown(meant[0])} and {shown(other)} could both be meant: move one of them '
                              'away, or give it another name.')
    return meant[0] if meant else None


def check_elsewhere(folder, name, what):
    """Raise a `CourseError` if a folder of data holds photos, but not where they are looked for.

    Parameters
    ----------
    folder : pathlib.Path
    name : str
        Of the folder in there where they should be.
    what : str
        Such as ``'hotdog photos'``.
    """
    packed = [entry for entry in visible(folder) if entry.name.lower().startswith(name)
              and entry.name.lower().endswith(_PACKED)]
    if packed:
        raise CourseError(f'{shown(packed[0])} is an archive that is not read here: unpack it, so that there '
                          f'is {shown(folder / name)} with a folder for each class. Nothing was fetched in '
                          'its place.')
    stray = _stray(folder)
    if not stray:
        return
    if folder.name.lower() == name:
        way_out = f'name the folder above it, D2LHELPERS_DATA={shown(folder.parent)}'
    else:
        way_out = f'put the class folders into {shown(folder / name)}, or name another folder'
    raise CourseError(f'The folder of data, {shown(folder)}, holds photos in {some(stray)}, but {what} are '
                      f'looked for in {shown(folder / name)}/<class>/: {way_out}. Nothing was fetched in '
                      'their place.')


def _stray(folder):
    """Folders with photos in them, from the top, as names from there; at most three levels deep."""
    stray, left = [], [folder]
    for _ in range(_FOLDERS):
        if not left:
            break
        here = left.pop(0)
        try:
            entries = sorted(os.scandir(here), key=lambda entry: entry.name)
        except OSError:  # may not be looked into, and so is not meant
            continue
        if any(_is_photo(entry.name) for entry in entries if not entry.name.startswith('.')):
            stray.append(here.relative_to(folder).as_posix())
        if len(here.relative_to(folder).parts) < 3:
            left += [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)
                     and not entry.name.startswith('.')
                     and not (here == folder and entry.name.lower() in _OTHERS)]
    return stray


def _matching(folder, pattern):
    """Like ``folder.glob(pattern)``, sorted, whatever the case of the letters."""
    places = [folder]
    for part in pattern.split('/'):
        places = [entry for place in places if place.is_dir() for entry in sorted(place.iterdir())
                  if fnmatch.fnmatchcase(entry.name.lower(), part.lower()) and (entry.exists())]
    return places


def _is_photo(name):
    return name.lower().endswith(PHOTOS)
