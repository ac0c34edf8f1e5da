"""What lies in a folder of class folders: which classes, which files, and what there is no photo.

Nothing is left out without a word but what systems and programs leave behind, and nothing stops at the first
bad file: `Offenders` collects them, so that all can be mended at once.
"""
import dataclasses
import stat

from .errors import CourseError
from .names import shown, some
from .signatures import DECODED, HEAD, STAND_INS, kind

# What operating systems, cloud drives and photo programs leave behind, in any spelling; and what begins
# with a dot or with ~$
_CLUTTER = {'__macosx', 'thumbs.db', 'ehthumbs.db', 'ehthumbs_vista.db', 'desktop.ini', 'picasa.ini',
            '@eadir', '#recycle', '$recycle.bin', 'recycler', 'system volume information',
            'lost+found', 'icon\r', 'albumart.db', 'zbthumbnail.info'}
_SIDECARS = ('.xmp', '.aae', '.thm', '.ini', '.lnk', '.url', '.json')  # beside photos, and about them
_VALIDATION = {'val', 'valid', 'validation', 'dev'}
_DEEPEST = 5  # folders in one another that hold nothing else
_LARGEST = 2**29  # bytes of a file, packed or not: no photo is that large

_SAVE = 'save as jpg (in a picture viewer: Export, or Save as)'
_SAID = {
    'folder': 'a folder among the photos; photos are not looked for in there, so move them one folder up',
    'beside': 'beside the class folders; move each photo into the folder of its class',
    'HEIC': f'HEIC, the format of phones; {_SAVE}',
    'raw': f'a raw picture of a camera; {_SAVE}',
    **{name: f'{name}, which is not read here; {_SAVE}' for name in (
        'AVIF', 'TIFF', 'GIF', 'JPEG 2000', 'JPEG XL', 'PSD', 'ICO', 'SVG', 'PDF')},
    'video': 'a video; take it out, or save single pictures of it',
    'archive': 'an archive; unpack it, or take it out',
    **STAND_INS,
    'link': 'a link to something that is not there; copy the photo itself',
    'special': 'not an ordinary file; take it out',
    'forbidden': 'you may not read it; change its permissions, or copy it',
    'broken': 'not a picture, whatever its name says: damaged, or something else; replace it',
    'large': 'far too large for a photo; take it out',
    '': 'not a photo (jpg, png, webp, bmp or pgm); take it out'}
# Where the content tells nothing, or less: a raw picture looks like TIFF inside
_ENDINGS = {'raw': '.cr2 .cr3 .nef .arw .dng .orf .rw2 .raf .pef .srw', 'HEIC': '.heic .heif .hif',
            'archive': '.zip .rar .7z .tar .tgz .gz .bz2 .xz',
            'video': '.mov .mp4 .m4v .avi .mkv .3gp .mts .webm .mpg .wmv'}
_KINDS = {ending: name for name, endings in _ENDINGS.items() for ending in endings.split()}
PHOTOS = ('.jpg', '.jpeg', '.jpe', '.jfif', '.png', '.webp', '.bmp', '.pgm', '.ppm', '.pnm')


class Offenders:
    """What is no photo, of all kinds, until everything was looked at.

    Parameters
    ----------
    place : pathlib.Path or zipfile.Path
        Names are shown from here.
    """

    def __init__(self, place):
        self._place, self._found = place, {}

    def add(self, file, why):
        """Note a file; `why` is a kind of file that is known here, or the words that follow its name."""
        name = shown(file).removeprefix(shown(self._place)).lstrip('/')
        self._found.setdefault(_SAID.get(why, why), []).append(name)

    def sentences(self):
        """What is wrong with which, what most of them have first: a list of sentences."""
        # files are read side by side, so the order in which they were noted is not always the same
        found = sorted((-len(names), sorted(names), why) for why, names in self._found.items())
        return [f'{some(names)}: {why}.' for _, names, why in found]

    def check(self):
        """Raise a `CourseError` that tells of them all, if there are any."""
        if self._found:
            n = sum(map(len, self._found.values()))
            raise CourseError(f'{shown(self._place)}: {n:,} file{"s" * (n > 1)} cannot be used, so nothing '
                              f'was loaded. {" ".join(self.sentences())}')


@dataclasses.dataclass(frozen=True)
class Layout:
    """Classes and their files.

    Attributes
    ----------
    place : pathlib.Path or zipfile.Path
        The folder of class folders, or of ``train`` and ``test``.
    classes : list of str
        Names of the folders, sorted, as they can be shown.
    parts : dict of str to list of (file, int)
        Files and the numbers of their classes: of ``train`` and ``test``, or of ``''`` where there is no
        split.
    offenders : Offenders
        What could be told without opening a file.
    """

    place: object
    classes: list
    parts: dict
    offenders: Offenders


def layout(place, split=True):
    """Look a folder of class folders over, without opening a file.

    Parameters
    ----------
    place : pathlib.Path or zipfile.Path
        Holds the class folders, or, if `split`, ``train`` and ``test`` (in any spelling) which hold them. A
        folder with nothing in it but another folder of folders is looked through.
    split : bool

    Returns
    -------
    Layout

    Raises
    ------
    CourseError
        If there are no class folders, one is empty, two have one name, train and test do not match, or they
        are there and not wanted.
    """
    place = _top(place)
    offenders = Offenders(place)
    parts = _parts(place)
    if parts and not split:
        named = ' and '.join(shown(folder.name) for folder in parts.values())
        raise CourseError(f'{shown(place)} is split into {named} already, and here the lesson makes the '
                          f'split: put all photos of a class into one folder, {shown(place)}/<class>.')
    if not parts:
        classes, files = _classes(place, offenders)
        return Layout(place, classes, {'': files}, offenders)
    found = {part: _classes(folder, offenders) for part, folder in parts.items()}
    train, test = (found[part][0] for part in ('train', 'test'))
    if train != test:
        raise CourseError(f'{shown(place)}: {_lonely(train, test)}.')
    return Layout(place, train, {part: files for part, (_, files) in found.items()}, offenders)


def _top(place):
    """Archives often hold one folder with everything in it."""
    for _ in range(_DEEPEST):
        entries = visible(place)
        folders = [entry for entry in entries if entry.is_dir()]
        if len(folders) != 1 or not _has_folders(folders[0]) or any(_looks_like_photo(e) for e in entries):
            break
        place = folders[0]
    return place


def visible(folder):
    """What lies in a folder, by name, but for clutter.

    Raises
    ------
    CourseError
        If the folder may not be read.
    """
    try:
        return sorted((entry for entry in folder.iterdir() if not _is_clutter(entry.name)),
                      key=lambda entry: entry.name)
    except OSError as error:
        raise CourseError(f'The folder {shown(folder)} cannot be looked into ({error.strerror}): change its '
                          'permissions, or copy it.') from error


def _is_clutter(name):
    return name.casefold() in _CLUTTER or name.startswith(('.', '~$', 'Thumbs.db:')) or (
        name.lower().endswith(_SIDECARS))


def _has_folders(folder):
    return any(entry.is_dir() for entry in visible(folder))


def _looks_like_photo(entry):
    return not entry.is_dir() and entry.name.lower().endswith(PHOTOS)


def _parts(place):
    """The folders train and test, or nothing where the folder is not split."""
    folders = _by_name([entry for entry in visible(place) if entry.is_dir()])
    named = {}
    for name, folder in folders.items():
        if named.setdefault(name.casefold(), folder) is not folder and name.casefold() in ('train', 'test'):
            raise CourseError(f'{shown(place)} has two folders {name.casefold()}, '
                              f'{named[name.casefold()].name} and {folder.name}: put them together.')
    if not any(part in named and _has_folders(named[part]) for part in ('train', 'test')):
        return None
    others = [name for name in named if name not in ('train', 'test')]
    missing = [part for part in ('train', 'test') if part not in named]
    spare = [name for name in others if name in _VALIDATION]
    if not missing and not others:
        return {part: named[part] for part in ('train', 'test')}
    wrong = [f'{part} is missing' for part in missing]
    wrong += [f'{some(others)} does not belong there'] if others else []
    if spare and missing == ['test']:
        advice = f'rename {spare[0]} to test'
    elif spare:
        advice = (f'move the photos of {spare[0]} into train (the course itself keeps a part of train for '
                  'validation)')
    else:
        advice = 'put all photos below these two, or all class folders side by side, without a split'
    raise CourseError(f'{shown(place)}: {", ".join(wrong)}. Where there is a folder train or test, there '
                      f'must be both, and no other folder: {advice}.')


def _by_name(folders):
    """Folders by their names as they can be shown; two that a reader cannot tell apart are an error."""
    named, seen = {}, {}
    for folder in folders:
        name = shown(folder.name)
        twin = seen.setdefault(name.strip(), folder)
        if twin is not folder:
            raise CourseError(f'{shown(twin)} and {shown(folder)} are two folders whose names hardly differ '
                              f'({twin.name!a}, {folder.name!a}): put their photos together, or give one of '
                              'them another name.')
        named[name] = folder
    return named


def _lonely(train, test):
    """What is wrong where train and test do not have the same classes."""
    only = {'train': sorted(set(train) - set(test)), 'test': sorted(set(test) - set(train))}
    alike = {name.casefold(): name for name in only['test']}
    pairs = [(name, alike[name.casefold()]) for name in only['train'] if name.casefold() in alike]
    if pairs:
        return (f'a class is spelled {pairs[0][0]!r} in train and {pairs[0][1]!r} in test: both need the '
                'same class folders')
    told = ' and '.join(f'{some(names)} only in {part}' for part, names in only.items() if names)
    return f'{told}: both need the same class folders'


def _classes(place, offenders):
    """Names of the classes, and a list of (file, label)."""
    entries = visible(place)
    folders = _by_name([entry for entry in entries if entry.is_dir()])
    if not folders:
        packed = [entry for entry in entries if _instead(entry.name, '') == 'archive']
        more = f' {some(packed)} must be unpacked first.' if packed else ''
        raise CourseError(f'{shown(place).rstrip("/")} has no class folders: put the photos of each class '
                          f'into a folder with its name, for instance hotdog/ and not-hotdog/.{more}')
    for entry in entries:
        if _looks_like_photo(entry):
            offenders.add(entry, 'beside')
    files, empty = [], []
    for label, name in enumerate(sorted(folders)):
        inside = visible(folders[name])
        if not inside:
            empty.append(folders[name])
        files += [(entry, label) for entry in inside]
    if empty:
        raise CourseError(f'Without a photo: {some(empty)}. Put photos into each class folder, or remove it.')
    return sorted(folders), files


def read(file):
    """A file that may be a photo: its content, or what it is instead.

    Parameters
    ----------
    file : pathlib.Path or zipfile.Path

    Returns
    -------
    bytes, str
        Either the content of a picture in a format that is read here and ``'photo'``, or nothing and a kind
        of file that `Offenders` knows.
    """
    try:
        if why := _no_file(file):
            return b'', why
        with file.open('rb') as opened:
            head = opened.read(HEAD)
            found = kind(head)
            if found not in DECODED:
                return b'', _instead(file.name, found)
            return head + opened.read(), 'photo'
    except PermissionError:
        return b'', 'forbidden'
    except OSError as error:
        return b'', f'cannot be read ({error.strerror or error}); copy it again'
    except Exception as error:  # of an archive: a damaged member, a wrong password
        return b'', f'damaged in the archive ({str(error)[:80]}); pack or fetch it again'


def _instead(name, found):
    """What a file is that is not read here, by what it was found to be and by its name."""
    if found in STAND_INS:
        return found
    ending = name[name.rfind('.'):].lower()
    return _KINDS.get(ending) or found or ('broken' if ending in PHOTOS else '')


def _no_file(file):
    """Why this is not a file that can be opened, or ''."""
    if not hasattr(file, 'stat'):  # in an archive
        member = file.root.getinfo(file.at)
        if stat.S_ISLNK(member.external_attr >> 16):
            return 'link'
        return 'large' if member.file_size > _LARGEST else ''
    if not file.exists():
        return 'link'
    if not file.is_file():
        return 'special'
    return 'large' if file.stat().st_size > _LARGEST else ''

