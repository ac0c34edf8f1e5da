"""``make verdicts``: write what the claims of the notebooks come out as, in the profile that is set, into
``data/results/verdicts.csv``, and print every line that is another than before. Look at the runs of each.
"""
import sys
from pathlib import Path

from d2lhelpers.environment import settings
from d2lhelpers.files import write_whole
from d2lhelpers.records import read_csv

import pandas

from .command import on_notebooks
from .execution import execute, kernel_environment, together
from .marks import mark, of_kind
from .selection import all_notebooks, name_of, named

PROFILES = ['embedded', 'full']


def verdicts(only=None, root=settings.root, profile=None):
    """Execute notebooks, not strictly, and write the verdicts of their claims.

    Parameters
    ----------
    only : str, optional
        Beginning of the file name (``01``, ``solutions/01``); by default all that make claims.
    root : pathlib.Path
        The repository.
    profile : {'embedded', 'full'}, optional
        By default the present one. The other's column stays as it is.

    Raises
    ------
    CourseError
        If a notebook raised; then nothing is written.
    """
    root, profile = Path(root), profile or settings.profile
    paths = [path for path in (named(only, all_notebooks(root)) if only else all_notebooks(root))
             if 'claim(' in path.read_text(encoding='utf-8')]
    outcomes = together(lambda path: execute(path, kernel_environment(profile), timeout=None), paths)
    for outcome in outcomes.values():
        if isinstance(outcome, Exception):
            raise outcome
    before = table(root)
    now = {(name_of(path, root), claim): verdict for path, (nb, *_) in outcomes.items()
           for claim, verdict in claims(nb).items()}
    lines = []
    for (notebook, claim), verdict in now.items():
        line = before.get((notebook, claim), dict.fromkeys(PROFILES))
        if line[profile] != verdict:
            print(f'{notebook}: {claim}\n  was {line[profile] or "not there"}, is {verdict}')
        lines.append({'notebook': notebook, 'claim': claim, **line, profile: verdict})
    done = {name_of(path, root) for path in paths}
    lines += [{'notebook': notebook, 'claim': claim, **line} for (notebook, claim), line in before.items()
              if notebook not in done or ((notebook, claim) not in now and profile == 'full')]
    lines.sort(key=lambda line: line['notebook'])  # stable: claims stay in the order of their notebook
    text = pandas.DataFrame(lines, columns=['notebook', 'claim', *PROFILES]).to_csv(index=False,
                                                                                  lineterminator='\n')
    write_whole(_path(root), text)


def claims(nb):
    """The claims of an executed notebook: a dict from the text of each to its verdict."""
    marks = [mark(output) for cell in nb.cells for output in of_kind(cell, 'claim')]
    return {each['claim']: each['verdict'] for each in marks if each['verdict'] != 'not judged'}


def table(root=settings.root):
    """The lines of ``verdicts.csv``: by (notebook, claim) a dict from profile to verdict or None."""
    path = _path(root)
    if not path.exists():
        return {}
    frame = read_csv(path).astype(object)
    frame = frame.where(frame.notna(), None)
    return {(line['notebook'], line['claim']): {profile: line[profile] for profile in PROFILES}
            for line in frame.to_dict('records')}


def _path(root):
    return Path(root) / 'data' / 'results' / 'verdicts.csv'


def main(arguments=None):
    """The command; returns the exit status."""
    return on_notebooks(verdicts, 'python -m tools.verdicts', 'Write the verdicts.', arguments)


if __name__ == '__main__':
    sys.exit(main())
