"""onnxruntime-web, which runs networks in browsers: fetched by npm, by name and version, checked and kept."""
import hashlib
import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from .. import files
from ..environment import settings
from ..errors import CourseError

PACKAGE = 'onnxruntime-web@1.22.0'
_PARTS = {  # of the package, with the SHA-256 of each
    'ort.wasm.bundle.min.mjs': 'e53392ea5f0e654acf1866c16564b340661ed5d238f692c3c2bd40b940f924a2',
    'ort-wasm-simd-threaded.mjs': '30dd851d9c00622940500f71ddd2ff8820c5cb65270816080175b958705385a8',
    'ort-wasm-simd-threaded.wasm': '71aef04959c5c1b6de461b6538e2058e306610034a85aad2742d0c7fd4533fe4'}
_PATIENCE = 180  # seconds for npm


def onnxruntime_web():
    """The module for the page, the program that it starts, and the glue between the two.

    Returns
    -------
    module, glue, program : bytes
        The first two in JavaScript, the third in WebAssembly.

    Raises
    ------
    CourseError
        If it is not here yet, and there is no npm, or npm cannot fetch it, or fetches something else.
    """
    folder = settings.downloads / PACKAGE.replace('@', '-')
    if not all(_sound(folder / name) for name in _PARTS):
        _fetch(folder)
    return tuple((folder / name).read_bytes() for name in _PARTS)


def _sound(path):
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == _PARTS[path.name]


def _fetch(folder):
    if shutil.which('npm') is None:
        raise CourseError(f'The page for the phone needs {PACKAGE}, which npm fetches, but there is no npm '
                          'here: install it (Debian: apt-get install npm). All else works without.')
    with tempfile.TemporaryDirectory() as place:
        try:
            # no second attempt: without a connection npm would wait for more than a minute
            subprocess.run(['npm', 'pack', PACKAGE, '--fetch-retries=0', '--pack-destination', place],
                           cwd=place, check=True, capture_output=True, text=True, timeout=_PATIENCE)
            archive, = Path(place).glob('*.tgz')
            with tarfile.open(archive) as members:
                parts = {name: members.extractfile(f'package/dist/{name}').read() for name in _PARTS}
        except subprocess.SubprocessError as error:
            found = re.search(r'code (\w+)', getattr(error, 'stderr', None) or '')
            why = f': {found[1]}' if found else ''
            raise CourseError(f'npm could not fetch {PACKAGE}, which the page for the phone needs{why}. '
                              'Connect and try again. All else works without.') \
                from error
        except (ValueError, LookupError, AttributeError, tarfile.TarError) as error:
            raise CourseError(f'What npm fetched as {PACKAGE} is something else: try again, or ask who runs '
                              'the registry that npm uses.') from error
    for name, content in parts.items():
        if hashlib.sha256(content).hexdigest() != _PARTS[name]:
            raise CourseError(f'{name} of {PACKAGE} is not the file that the course knows (its SHA-256 '
                              'differs), so it is not used: ask who runs the registry that npm uses.')
    for name, content in parts.items():
        files.write_whole(folder / name, content)
