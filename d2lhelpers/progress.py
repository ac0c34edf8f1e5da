"""Progress of long work: a live bar where somebody watches, nothing that would freeze half-way in a saved
notebook where nobody does.
"""
import os
import sys

from tqdm import tqdm


def watched():
    """Whether somebody sees output as it comes: a notebook that a Jupyter server or VS Code has open, or a
    terminal.

    Returns
    -------
    bool
        False under nbconvert, nbval and in a log file.
    """
    return 'JPY_SESSION_NAME' in os.environ or 'VSCODE_PID' in os.environ or sys.stdout.isatty()


def bar(total, description):
    """A tqdm bar on standard output, switched off where nobody watches.

    Parameters
    ----------
    total : int
        Steps until done.
    description : str

    Returns
    -------
    tqdm.tqdm
    """
    # The figures at its end are what one looks at. tqdm would cut them off at its own width; a window that is
    # too narrow wraps the line
    return tqdm(total=total, desc=description, file=sys.stdout, disable=not watched(), ncols=500,
                bar_format='{desc} |{bar:10}| {n_fmt}/{total_fmt}, {remaining} left{postfix}',
                mininterval=.2)
