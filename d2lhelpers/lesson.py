"""The line at the top of each lesson: on what it runs, how long that takes, and how to switch."""
import csv
import os
from pathlib import Path

from .environment import settings
from .hardware import devices

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
        By the name (``01_fine_tuning_hotdog``, ``solutions/01_…``) the row of the file; ``seconds`` and
        ``threads`` are text.
    """
    path = (root or settings.root) / MINUTES
    if not path.exists():
        return {}
    with open(path, newline='') as file:
        return {row['notebook']: row for row in csv.DictReader(file) if row['profile'] == profile}


def opening(lesson):
    """Print on what a lesson runs, how long that took where it was measured, and how to switch.

    Parameters
    ----------
    lesson : str
        Name of the notebook, without its ending.
    """
    row = measured(settings.profile).get(lesson)
    took = (f'{max(float(row["seconds"]) / 60, .1):.1f} minutes on {row["threads"]} CPU thread(s)' if row
            else 'not measured')
    threads = os.environ.get('OMP_NUM_THREADS', "MXNet's choice of")
    print(f'Profile {settings.profile}, on {", ".join(map(str, devices()))}, {threads} CPU thread(s). '
          f'Run All: {took} (GPU: not measured).')
    print(_SWITCH[settings.profile])
