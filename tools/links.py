"""``make links``: do the pages that the course links to still answer? It needs the internet: no test asks."""
import re
import sys
import time
from urllib.parse import urlsplit

from d2lhelpers.environment import settings
from d2lhelpers.errors import CourseError

import nbformat
import requests

from .command import status

TIMEOUT = 20  # seconds
PAUSE = 1  # seconds between two questions to the same host
GONE = (404, 410)
_LINK = re.compile(r'\]\((https?://[^\s)]+)\)|<(https?://[^\s>]+)>')


def links(root=settings.root):
    """The links of all pages and of the text cells of all notebooks.

    Parameters
    ----------
    root : pathlib.Path

    Returns
    -------
    dict of str to list of str
        From an address, without what follows ``#``, to the files that link to it.
    """
    found = {}
    pages = [*root.glob('*.md'), *(root / 'data').glob('*.md'), *(root / 'teaching').glob('*.md')]
    for path in sorted([*pages, *(root / 'notebooks').rglob('*.ipynb')]):
        if path.suffix == '.ipynb':
            text = '\n'.join(cell.source for cell in nbformat.read(path, as_version=4).cells
                             if cell.cell_type == 'markdown')
        else:
            text = path.read_text(encoding='utf-8')
        for one, other in _LINK.findall(text):
            name = path.relative_to(root).as_posix()
            files = found.setdefault((one or other).partition('#')[0], [])
            files += [] if name in files else [name]
    return found


def answer(address):
    """What a server says of a page.

    Returns
    -------
    str
        Nothing where it is there; a server that will not be asked by programs counts as one that answers.
    """
    try:
        with requests.get(address, timeout=TIMEOUT, stream=True,
                          headers={'User-Agent': 'link check of a course'}) as reply:
            return f'{reply.status_code} {reply.reason}' if reply.status_code in GONE else ''
    except requests.RequestException as error:
        return type(error).__name__


def check(root=settings.root):
    """Ask for every page once, one after the other.

    Raises
    ------
    CourseError
        If pages are gone, or do not answer: a line for each.
    """
    found, asked, gone = links(root), {}, []
    for address, files in sorted(found.items()):
        host = urlsplit(address).netloc
        time.sleep(max(0, asked.get(host, 0) + PAUSE - time.monotonic()))
        if problem := answer(address):
            gone.append(f'{address} ({problem}): linked from {", ".join(files)}')
        asked[host] = time.monotonic()
    if gone:
        raise CourseError('\n'.join(gone))
    print(f'{len(found)} pages answer.')


if __name__ == '__main__':
    sys.exit(status(check))
