"""The line at the top of each lesson: on what it runs, how long that takes, and how to switch."""
import csv
import os
from pathlib import Path

from mxnet import npx

from . import knobs, speed
from .environment import settings
from .errors import CourseError
from .hardware import devices
from .messages import quietly
from .progress import watched

# From the root of the repository. It is never noted as read: another measured minute makes no notebook due
MINUTES = Path('data', 'results', 'minutes.csv')
_MEASURED_ON = 1116  # photos: a copy of the book's archive, in which the full profile was timed
_SWITCH = {'embedded': 'Nothing is downloaded. For real photos and ImageNet weights start with '
                       'D2LHELPERS_PROFILE=full (see README.md).',
           'full': 'Real photos and real weights. Unset D2LHELPERS_PROFILE for the embedded ones, which need '
                   'no download.'}


def measured(profile, root=None):
    """How long notebooks took.

    Parameters
    ----------
    profile : {'embedded', 'full'}
    root : pathlib.Path, optional
        Another repository than this one.

    Returns
    -------
    dict of str to dict
        By the name (``01_fine_tuning_hotdog``, ``solutions/01_…``) the row of the file, as text: ``seconds``,
        CPU ``threads``, and ``probe``, what `d2lhelpers.speed.seconds` was there and then (empty where nobody
        asked).
    """
    path = (root or settings.root) / MINUTES
    if not path.exists():
        return {}
    with open(path, newline='') as file:
        return {row['notebook']: row for row in csv.DictReader(file) if row['profile'] == profile}


def opening(lesson):
    """Print on what a lesson runs, how long all of it takes, and how to switch.

    Where somebody watches, that is how long it takes on this machine: what was measured on the authors',
    times how much slower this one trains just now. A saved notebook keeps what was measured.

    Parameters
    ----------
    lesson : str
        Name of the notebook, without its ending.
    """
    knobs.explain()
    threads = os.environ.get('OMP_NUM_THREADS', "MXNet's choice of")
    row = measured(settings.profile).get(lesson)
    photos = None if settings.embedded else _photos(lesson)
    print(f'Profile {settings.profile}, on {", ".join(map(str, devices()))}, {threads} CPU thread(s). '
          f'Run All {_duration(row, photos) if row else "was never measured"}.')
    print(_SWITCH[settings.profile])
    if not settings.embedded:
        _tell_what_is_missing(lesson)


def _photos(lesson):
    """How many photos of the learner's own a lesson will read, or None where it will read others."""
    from . import files  # here, because the embedded profile has no use for it
    from .archives import as_folder
    from .class_folders import layout

    if settings.data is None or lesson[:2] not in files.lessons().get(files.HOTDOG_PHOTOS.module, ()):
        return None
    try:
        with quietly():
            found = files.find(files.HOTDOG_PHOTOS)
            return sum(map(len, layout(as_folder(found[1])).parts.values())) if found else None
    except CourseError:  # the cell that loads them tells it
        return None


def _tell_what_is_missing(lesson):
    """Say which of the data and weights that a lesson takes are not here."""
    from . import files

    using = files.lessons()
    with quietly():
        missing = [need.what for need, there, sentence in files.sources()
                   if lesson[:2] in using.get(need.module, ()) and 'would be downloaded' in sentence]
    if missing:
        print(f'Not here yet, and fetched when needed: {"; ".join(missing)} (python -m d2lhelpers doctor '
              'says more).')


def _duration(row, photos=None):
    seconds = float(row['seconds'])
    if photos and photos > _MEASURED_ON:
        # each look at the test photos takes as much longer as there are more of them
        return (f'took {_rounded(seconds)} on {_MEASURED_ON:,} photos where it was measured, and yours are '
                f'{photos:,}: up to {_rounded(seconds * photos / _MEASURED_ON)}')
    if watched() and row.get('probe') and devices() == [npx.cpu()]:
        seconds *= speed.seconds() / float(row['probe'])
        return f'takes about {_rounded(seconds)} on this machine, as busy as it is now'
    return f'took {_rounded(seconds)} where it was measured, with {row["threads"]} CPU thread(s)'


def _rounded(seconds):
    tens = max(round(seconds / 10), 1) * 10
    return f'{tens} seconds' if tens < 100 else f'{round(seconds / 60)} minutes'
