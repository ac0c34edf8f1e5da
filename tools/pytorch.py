"""``make pytorch``: execute the page from_gluon_to_pytorch with this Python, which has PyTorch, and keep its
outputs.
"""
import asyncio
import sys

from d2lhelpers.environment import settings
from d2lhelpers.errors import CourseError

import nbformat

from .notebooks import keep
from .selection import PYTORCH


def main():
    path = settings.root / 'notebooks' / f'{PYTORCH}.ipynb'
    try:
        asyncio.run(keep(path, nbformat.read(path, as_version=4)))
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
