"""What the makers' commands have in common: which notebooks they are for, and how they end."""
import argparse
import sys

from d2lhelpers import disk
from d2lhelpers.errors import CourseError


def status(job, *args):
    """Do a job; what it has to complain about goes to stderr as a sentence, without a traceback.

    Returns
    -------
    int
        The exit status of the command.
    """
    try:
        job(*args)
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        if not (sentence := disk.told(error)):
            raise
        print(sentence, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print('\nInterrupted. The same command goes on from here.', file=sys.stderr)
        return 130
    return 0


def on_notebooks(job, program, description, arguments=None):
    """A command of one argument, NB, the beginning of a notebook's file name.

    Parameters
    ----------
    job : callable
        ``job(NB)``; None stands for all.
    program, description : str
    arguments : list of str, optional
        By default those of the process.

    Returns
    -------
    int
        The exit status of the command.
    """
    parser = argparse.ArgumentParser(prog=program, description=description)
    parser.add_argument('NB', nargs='?', help='beginning of a file name, for instance 01 or solutions/01')
    return status(job, parser.parse_args(arguments).NB)
