"""axe-core, which judges whether pages can be used by everybody: fetched by npm, by name and version, checked
and kept beside the other downloads; never committed.
"""
import hashlib
import os
import shutil
import subprocess
import tarfile

from d2lhelpers.environment import settings
from d2lhelpers.files import write_whole

import pytest

PACKAGE = 'axe-core@4.10.3'
HASH = '880970c081707360e64f34cea25ff91892f5bc95675b0776925b9709dd8a68bb'  # SHA-256 of axe.min.js
RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
COLOURS = ['color-contrast', 'link-in-text-block']  # those of them that look at colours


def script(folder):
    """Its source. Where it cannot be fetched the test is skipped, but fails where CI is set.

    Parameters
    ----------
    folder : pathlib.Path
        An empty one, to fetch into.
    """
    kept = settings.downloads / PACKAGE.replace('@', '-') / 'axe.min.js'
    if not kept.exists():
        if shutil.which('npm') is None:
            _without('there is no npm on this machine (Debian: apt-get install npm)')
        told = subprocess.run(['npm', 'pack', PACKAGE, '--fetch-retries=0', '--pack-destination', folder],
                              cwd=folder, capture_output=True, text=True, timeout=180)
        if told.returncode:
            _without(f'npm could not fetch {PACKAGE}: {told.stderr[-300:]}')
        archive, = folder.glob('*.tgz')
        with tarfile.open(archive) as members:
            write_whole(kept, members.extractfile('package/axe.min.js').read())
    content = kept.read_bytes()
    assert hashlib.sha256(content).hexdigest() == HASH, f'{kept} is not the file that the tests know'
    return content.decode()


def _without(reason):
    (pytest.fail if os.environ.get('CI') else pytest.skip)(f'{reason}, so accessibility was not judged')


def problems(page, rules=RULES):
    """What axe finds on a page into which its script was put: a sentence for each kind."""
    found = page.evaluate('rules => axe.run(document, {runOnly: rules, preload: false})', rules)['violations']
    return [f'{each["id"]}: {each["help"]}, {len(each["nodes"])} times, first '
            f'{each["nodes"][0]["html"][:200]}'
            for each in found]
