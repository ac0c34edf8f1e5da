"""The line at the top of each lesson: on what it runs, how long that takes, and how to switch."""
import csv
import os
from pathlib import Path

from mxnet import npx

from . import speed
from .environment import settings
from .hardware import devices
from .progress import watched

# From the root of the repository. It is never noted as read: another measured minute makes no notebook due
MINUTES = Path('data', 'results', 'minutes.csv')
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
    threads = os.environ.get('OMP_NUM_THREADS', "MXNet's choice of")
    row = measured(settings.profile).get(lesson)
    print(f'Profile {settings.profile}, on {", ".join(map(str, devices()))}, {threads} CPU thread(s). '
          f'Run All {_duration(row) if row else "was never measured"}.')
    print(_SWITCH[settings.profile])


def _duration(row):
    seconds = float(row['seconds'])
    if watched() and row.get('probe') and devices() == [npx.cpu()]:
        seconds *= speed.seconds() / float(row['probe'])
        return f'takes about {_rounded(seconds)} on this machine, as busy as it is now'
    return f'took {_rounded(seconds)} where it was measured, with {row["threads"]} CPU thread(s)'


def _rounded(seconds):
    tens = max(round(seconds / 10), 1) * 10
    return f'{tens} seconds' if tens < 100 else f'{round(seconds / 60)} minutes'
