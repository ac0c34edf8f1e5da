"""The runs of a study that is being recorded: finished ones are kept in a folder, which processes share."""
import contextlib
import hashlib
import json
import time
from pathlib import Path

from .files import write_whole

_PAUSE = .2  # seconds between two looks at what other processes have finished


def key(*parts):
    """A name for things that JSON can write."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:16]


class Runs:
    """A folder in which each finished run has a file.

    Any number of processes may work in it: each takes a run that nobody has begun, and waits at the end for
    those that others have (or takes them, if they are given back). An interrupt loses the runs that were
    begun.

    Parameters
    ----------
    folder : pathlib.Path
        Of this study, as it is now: whoever names it sees to it that nothing of other code is in there.
    total : int
        How many runs there will be, for those who watch.
    """

    def __init__(self, folder, total):
        self._folder = Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / 'total').write_text(str(total))

    def all(self, items, compute):
        """The results of all runs, in order.

        Parameters
        ----------
        items : list
            What names a run: text, numbers, lists and dicts.
        compute : callable
            ``compute(item)`` returns a result that JSON can write.

        Returns
        -------
        list
        """
        files = [self._folder / f'{key(item)}.json' for item in items]
        # in an order that mixes slow and quick ones
        mixed = sorted(zip(files, items, strict=True), key=lambda pair: pair[0].name)
        while left := [(file, item) for file, item in mixed if not file.exists()]:
            for file, item in left:
                if not file.exists() and _take(file):
                    with _given_back(file):
                        write_whole(file, json.dumps(compute(item)))
            time.sleep(_PAUSE)
        return [json.loads(file.read_text()) for file in files]

    def asked_for(self, items, compute):
        """The same, where those who compute do not see this folder: all runs that are left are asked for at
        once, and each is kept as soon as it is here.

        Parameters
        ----------
        items : list
        compute : callable
            ``compute(items)`` yields their results, in order.

        Returns
        -------
        list
        """
        files = [self._folder / f'{key(item)}.json' for item in items]
        left = [(file, item) for file, item in zip(files, items, strict=True) if not file.exists()]
        results = compute([item for _, item in left]) if left else []
        for (file, _), result in zip(left, results, strict=True):
            write_whole(file, json.dumps(result))
        return [json.loads(file.read_text()) for file in files]


def _take(file):
    """Whether nobody has begun this run; from now on somebody has."""
    try:
        file.with_suffix('.begun').touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


@contextlib.contextmanager
def _given_back(file):
    try:
        yield
    finally:
        file.with_suffix('.begun').unlink()


def clear(folder):
    """Before the processes start: take away what an interrupt has left half done.

    Parameters
    ----------
    folder : pathlib.Path
        That holds the folders of studies.
    """
    for file in Path(folder).glob('*/*.begun'):
        file.unlink()
