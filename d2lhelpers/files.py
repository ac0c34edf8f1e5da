"""Where bytes come from: the learner's folder, then what the course fetched before, then a download.

A file whose hash is known is checked by it. A download of the course's own that is another is damaged, and
fetched again; in the learner's folder it is the learner's, and used, and a line says so. Nothing is left
half-written: a download goes to a temporary file, is checked, and only then moved to its place.
"""
import contextlib
import dataclasses
import errno
import functools
import json
import os
import shutil
import tempfile
import time
import zipfile
import zlib
from pathlib import Path
from urllib.parse import urlsplit

import pooch
import requests

from . import candidates, disk
from .environment import settings
from .errors import CourseError
from .messages import say
from .names import shown
from .progress import bar
from .signatures import HEAD, stand_in
from .wheels import fetch as fetch_wheels

TIMEOUT = 20  # seconds that a server may be silent
CHUNK = 256  # bytes
SLOWEST, PATIENCE = 1000, 60  # bytes a second; seconds over which that is looked at
_PROXIES = ('https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY')

pooch.get_logger().setLevel('WARNING')


class MissingData(CourseError):
    """What the full profile needs is nowhere, and could not be fetched: a lesson may go on without it."""


@dataclasses.dataclass(frozen=True)
class RemoteFile:
    """A file that the full profile can use.

    Attributes
    ----------
    name : str
        For weights, the network's name.
    save_as : str
        Where a download is kept, below the folder of data.
    copies : tuple of str
        Glob patterns, below a folder of data, of what will do as a local copy.
    addresses : tuple of str
        Tried in order.
    known_hash : str or None
        As pooch writes it, ``'sha1:…'``; only where it was computed from the file or published by its owner.
    megabytes : int or None
        Size of the download, where it is known.
    zipped : bool
        The address gives a zip archive that holds only this file; the hash is the file's.
    """

    name: str
    save_as: str
    copies: tuple
    addresses: tuple
    known_hash: str | None
    megabytes: int | None = None
    zipped: bool = False


@dataclasses.dataclass(frozen=True)
class Need:
    """Something that a module of the package asks for, and the files that will do, the best one first.

    Attributes
    ----------
    what, module : str
    files : tuple of RemoteFile
    folder : str or None
        Where photos of the learner's own lie, below the folder of data; None where there can be none.
    """

    what: str
    module: str
    files: tuple
    folder: str | None = None


def _zoo(name, sha1, megabytes):
    """Weights of Gluon's model zoo, hashes as in ``mxnet.gluon.model_zoo.model_store``."""
    stem = f'{name}-{sha1[:8]}'
    address = f'https://apache-mxnet.s3-accelerate.dualstack.amazonaws.com/gluon/models/{stem}.zip'
    copies = (f'weights/{name}.params', f'weights/{name}-*.params')
    return RemoteFile(name, f'weights/{stem}.params', copies, (address,), f'sha1:{sha1}', megabytes,
                      zipped=True)


HOTDOG_PHOTOS = Need('hotdog photos', 'd2lhelpers.datasets.hotdog', (
    RemoteFile('hotdog.zip', 'hotdog.zip',
               ('hotdog.zip', 'hotdog1.zip', 'hotdog/hotdog.zip', 'hotdog/hotdog1.zip', 'hotdog'),
               ('http://d2l-data.s3-accelerate.amazonaws.com/hotdog.zip',),
               'sha1:fba480ffa8aa7e0febbb511d181409f899b9baa5'),), 'hotdog')
# the ORL faces of AT&T Laboratories Cambridge, or people of the learner's own
FACES = Need('faces', 'd2lhelpers.datasets.faces', (
    RemoteFile('att_faces.zip', 'att_faces.zip',
               ('faces', 'faces.zip', 'att_faces.zip', 'orl_faces.zip', 'orl/att_faces.zip',
                'orl/orl_faces.zip'),
               ('https://www.cl.cam.ac.uk/Research/DTG/attarchive/pub/data/att_faces.zip',), None),), 'faces')
BACKBONE = Need('weights pretrained on ImageNet', 'd2lhelpers.backbones', (
    _zoo('resnet18_v2', 'a81db45fd7b7a2d12ab97cd88ef0a5ac48b8f657', 47),
    _zoo('resnet18_v1', 'a0666292f0a30ff61f857b0b66efc0228eb6a54b', 47),
    # torchvision's weights: the same network as the zoo's resnet18_v1; no hash is published beside them
    RemoteFile('resnet18_v1', 'weights/resnet18.tv_in1k.safetensors', ('weights/resnet18*.safetensors',),
               ('https://huggingface.co/timm/resnet18.tv_in1k/resolve/main/model.safetensors',), None, 47),
    _zoo('mobilenet0.25', '9f83e440996887baf91a6aff1cccc1c903a64274', 2)))


def _mnist(what, name, sha1, megabytes=None):
    """A file of MNIST, hashes as in ``mxnet.gluon.data.vision.MNIST``."""
    address = f'https://apache-mxnet.s3-accelerate.dualstack.amazonaws.com/gluon/dataset/mnist/{name}'
    return Need(f'MNIST, {what}', 'd2lhelpers.datasets.digits', (
        RemoteFile(name, f'mnist/{name}', (f'mnist/{name}', name), (address,), f'sha1:{sha1}', megabytes),))


MNIST_TRAIN = (_mnist('training pictures', 'train-images-idx3-ubyte.gz',
                      '6c95f4b05d2bf285e1bfb0e7960c31bd3b3f8a7d', 10),
               _mnist('training labels', 'train-labels-idx1-ubyte.gz',
                      '2a80914081dc54586dbdf242f9805a6b8d2a15fc'))
MNIST_TEST = (_mnist('test pictures', 't10k-images-idx3-ubyte.gz',
                     'c3a25af1f52dad7f726cce8cacb138654b760d48', 2),
              _mnist('test labels', 't10k-labels-idx1-ubyte.gz',
                     '763e7fa3757d93b0cdec073cef058b2004252c17'))
# photos of the Berkeley segmentation dataset; no hash is published beside them
BACKGROUND_PHOTOS = Need('photos to cut backgrounds from', 'd2lhelpers.datasets.mnist_m', (
    RemoteFile('BSR_bsds500.tgz', 'bsds/BSR_bsds500.tgz',
               ('bsds/*.tgz', 'bsds/*.zip', 'BSR_bsds500.tgz', 'bsds100.zip', 'bsds'),
               ('http://www.eecs.berkeley.edu/Research/Projects/CS/vision/grouping/BSR/BSR_bsds500.tgz',),
               None, 71),))
# hashes as in d2l, which fetches the same files
REVIEWS = Need('film reviews', 'd2lhelpers.datasets.reviews', (
    RemoteFile('aclImdb_v1.tar.gz', 'aclImdb_v1.tar.gz', ('aclImdb_v1.tar.gz', 'aclImdb'),
               ('http://d2l-data.s3-accelerate.amazonaws.com/aclImdb_v1.tar.gz',),
               'sha1:01ada507287d82875905620988597833ad4e0903', 84),))
GLOVE = Need('word vectors', 'd2lhelpers.datasets.reviews', (
    RemoteFile('glove.6B.50d.zip', 'glove.6B.50d.zip',
               ('glove.6B.50d.zip', 'glove.6B.50d/vec.txt', 'glove.6B.50d.txt'),
               ('http://d2l-data.s3-accelerate.amazonaws.com/glove.6B.50d.zip',),
               'sha1:0b8703943ccdb6eb788e6f091b8946e82231bc4d'),))
NEEDS = (HOTDOG_PHOTOS, FACES, BACKBONE, *MNIST_TRAIN, *MNIST_TEST, BACKGROUND_PHOTOS, REVIEWS, GLOVE)


def lessons():
    """Which lessons use which module, as their executed notebooks tell.

    Returns
    -------
    dict of str to list of str
        From the name of a module, ``'d2lhelpers.datasets.hotdog'``, to numbers of lessons, ``['01', '02']``.
    """
    using = {}
    for path in sorted((settings.root / 'notebooks').glob('[0-9][0-9]_*.ipynb')):
        number = path.name[:2]
        if number == '00':  # the start page and the page on Gluon are no lessons
            continue
        try:
            metadata = json.loads(path.read_text(encoding='utf-8'))['metadata']
            modules = metadata['d2lhelpers']['made_from']['modules']
        except (KeyError, TypeError, ValueError):  # written, but not executed yet
            continue
        for module in modules:
            using.setdefault(module, []).append(number)
    return using


def find(need):
    """The best local copy: the learner's folder first, then the course's downloads. A line says so where a
    folder of photos is taken, and an archive beside it is not.

    Parameters
    ----------
    need : Need

    Returns
    -------
    tuple of (RemoteFile, pathlib.Path) or None
        None where there is no copy.

    Raises
    ------
    CourseError
        If it is not clear which of two copies is meant, or the learner's folder holds photos, but not where
        they are looked for: nothing else is taken in place of what somebody provided.
    """
    for folder in _folders():
        for file in need.files:
            if path := candidates.choose(folder, file.copies):
                return file, path
        if folder == settings.data and need.folder:
            candidates.check_elsewhere(folder, need.folder, need.what)
    return None


def get(need):
    """The best local copy, or else a download of the first file that can be fetched; a printed line says
    which ones could not, and which one is not the file whose hash is known.

    Parameters
    ----------
    need : Need

    Returns
    -------
    tuple of (RemoteFile, pathlib.Path)

    Raises
    ------
    MissingData
        If nothing was found, or only something damaged, and nothing could be fetched.
    CourseError
        If what the learner provided cannot be used, see `find`.
    """
    found = find(need)
    if found is None:
        return _fetch_best(need, settings.downloads, f'none are in {_places()}, and ')
    file, path = found
    if _is_damaged(file, path):
        say(f'{path} is damaged (it does not have the known hash), so it is fetched again.')
        return _fetch_best(need, settings.downloads, f'{path} is damaged, and ')
    _check_readable(path)
    if _is_another(file, path):
        _say_once(f'{path} is used, but it is not the {file.name} whose hash is known.')
    return found


def download(folder=None):
    """Fetch everything the full profile uses, ahead of a lecture; with a folder named, also the packages that
    ``make lab`` installs (for machines like this one). What is there already and has the right hash is not
    fetched again.

    Parameters
    ----------
    folder : str or path, optional
        It can be carried on a stick and named in ``D2LHELPERS_DATA``. Default: the course's own downloads,
        ``data/downloads``.

    Raises
    ------
    CourseError
        If something cannot be fetched; the rest is fetched first.
    """
    stick, folder = folder is not None, Path(folder).expanduser() if folder else settings.downloads
    missing = []
    for need in NEEDS:
        try:
            file, path = _fetch_best(need, folder, '')
            say(f'{need.what}: {path} ({_verified(file, path)})')
        except CourseError as error:
            missing.append(str(error))
    try:
        if stick:
            fetch_wheels(folder / 'wheels')
    except CourseError as error:
        missing.append(str(error))
    if missing:
        raise CourseError('\n'.join(missing))


def sources():
    """What of the full profile is there, for ``doctor``.

    Returns
    -------
    list of tuple of (Need, bool, str)
        What is needed, whether there is a sound local copy, and a sentence on where it is or would come from,
        and whether it can be verified.
    """
    found = []
    for need in NEEDS:
        try:
            copy = find(need)
            if copy and not _is_damaged(*copy):
                _check_readable(copy[1])
        except CourseError as error:
            found.append((need, False, f'{need.what}: {error}'))
            continue
        if copy and not _is_damaged(*copy):
            file, path = copy
            found.append((need, True, f'{need.what}: {path} ({_verified(file, path)})'))
            continue
        missing = f'{copy[1]} is damaged' if copy else f'not in {_places()}'
        file = need.files[0]
        host = urlsplit(file.addresses[0]).netloc
        size = f'{file.megabytes} MB' if file.megabytes else 'size not published'
        check = 'hash known' if file.known_hash else 'unverified: no hash is published'
        found.append((need, False, f'{need.what}: {missing}; {file.name} would be downloaded from {host} '
                                   f'({size}, {check})'))
    return found


def mention_unused_data():
    """Say, once, that the embedded profile looks at D2LHELPERS_DATA for the learner's own photos alone."""
    if settings.embedded and settings.data is not None:
        _say_once('In the embedded profile D2LHELPERS_DATA serves lesson 10 alone, for photos of your own: '
                  'set D2LHELPERS_PROFILE=full to use the other data there.')


@functools.cache
def _say_once(text):
    say(text)


def write_whole(path, content):
    """Write a file whole or not at all, whatever interrupts.

    Parameters
    ----------
    path : pathlib.Path
    content : str or bytes

    Raises
    ------
    CourseError
        If the disk is full, or the folder may not be written to; what was there before is as it was.
    """
    part = path.with_name(f'.{path.name}.{os.getpid()}.part')  # several processes may write the same file
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content if isinstance(content, bytes) else content.encode())
        part.replace(path)
    except OSError as error:
        if sentence := disk.told(error, path, 'written'):
            raise CourseError(sentence) from error
        raise
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _folders():
    # what whoever installed the course has fetched for all is there too
    folders = (settings.data, settings.downloads, settings.root / 'data' / 'downloads')
    return list(dict.fromkeys(folder for folder in folders if folder is not None))


def _check_readable(path):
    """Raise a `CourseError` if something else lies in place of a file, or it may not be read."""
    if path.is_dir():
        return
    try:
        instead = stand_in(_head(path))
    except OSError as error:
        raise CourseError(f'{shown(path)} cannot be read ({error.strerror}): change its permissions, or copy '
                          'it.'
                          ) from error
    if instead:
        raise CourseError(f'{shown(path)} cannot be used, for it is {instead}.')


def _places():
    return ' or '.join(map(str, _folders()))


def _verified(file, path):
    if not file.known_hash:
        return 'unverified: no hash is published'
    if path.is_dir() or _is_another(file, path):
        return 'unverified: not the file whose hash is known'
    return 'verified'


def _is_another(file, path):
    """Whether this is not the file whose hash is known; of a folder there is none."""
    if not file.known_hash or path.is_dir():
        return False
    algorithm, digest = file.known_hash.split(':')
    state = path.stat()
    return _hash(path, algorithm, state.st_size, state.st_mtime_ns) != digest


def _is_damaged(file, path):
    """Whether this is a download of the course's own, and not what it should be."""
    return path == settings.downloads / file.save_as and _is_another(file, path)


class _Instead(ValueError):
    """Something else came in place of a file; the text says what."""


class _TooSlow(OSError):
    """A server that drips: it is never silent, and would never be done."""


class _Pace:
    """Passes the progress of pooch on to a bar, and gives up on a server that drips."""

    def __init__(self, bar):
        self._bar, self._came, self._since = bar, 0, time.monotonic()

    @property
    def total(self):
        """Bytes of the download."""
        return self._bar.total

    @total.setter
    def total(self, value):
        self._bar.total = value

    def update(self, n):
        """So many more bytes have come."""
        self._bar.update(n)
        self._came += n
        seconds = time.monotonic() - self._since
        if seconds > PATIENCE:
            if self._came < SLOWEST * seconds:
                raise _TooSlow
            self._came, self._since = 0, time.monotonic()

    def reset(self):
        """Begin again: what pooch counted were chunks."""
        self._bar.reset()

    def close(self):
        """All has come."""
        self._bar.close()


def _head(path):
    with open(path, 'rb') as file:
        return file.read(HEAD)


@functools.cache
def _hash(path, algorithm, size, changed):
    """Once for each state of a file: large ones take seconds."""
    return pooch.file_hash(str(path), alg=algorithm)


def _fetch_best(need, folder, looked):
    failures = {}  # reason: what and where
    for file in need.files:
        for address in file.addresses:
            source = f'{file.name} from {urlsplit(address).netloc}'
            try:
                path = _fetch(file, address, folder)
            except (OSError, ValueError, zipfile.BadZipFile) as error:
                failures.setdefault(_reason(error), []).append(source)
                continue
            if failures:
                say(f'Fetched {source}; others could not be fetched: {_told(failures)}.')
            return file, path
    asking = lessons().get(need.module)
    wanted = f'{need.what} for lesson {", ".join(asking)}' if asking else need.what
    raise MissingData(f'No {wanted}: {looked}none could be fetched, since {_told(failures)}. Put '
                      f'{" or ".join(file.save_as for file in need.files)} into a folder and name that '
                      'folder in D2LHELPERS_DATA (data/README.md says what else can be used); with an '
                      'internet connection, `python -m d2lhelpers download <folder>` fills one.')


def _told(failures):
    return '; '.join(f'{reason} ({", ".join(files)})' for reason, files in failures.items())


def _fetch(file, address, folder):
    target = folder / file.save_as
    progress = bar(1, file.name)
    progress.unit, progress.unit_scale = 'B', True
    # small chunks: a chunk is waited for until it is full, however slowly it fills
    http = pooch.HTTPDownloader(progressbar=_Pace(progress), chunk_size=CHUNK, timeout=TIMEOUT)

    def plain(url, output, caller):
        http(url, output, caller)
        if instead := stand_in(_head(output)):
            raise _Instead(instead)

    def unzipped(url, output, caller):
        with tempfile.TemporaryFile() as archive:
            http(url, archive, caller)
            try:
                with (zipfile.ZipFile(archive) as members, members.open(target.name) as member,
                      open(output, 'wb') as out):
                    shutil.copyfileobj(member, out)
            # where a damaged byte stands decides which
            except (LookupError, EOFError, RuntimeError, zlib.error) as error:
                raise zipfile.BadZipFile(str(error)) from error

    with progress:
        pooch.retrieve(address, file.known_hash, target.name, target.parent,
                       downloader=unzipped if file.zipped else plain)
    return target


def _reason(error):
    """Why a download failed, in the learner's words. The order matters: a time-out may come as a kind of
    connection error.
    """
    if isinstance(error, _TooSlow):
        return f'the server sends less than {SLOWEST:,} bytes a second'
    if isinstance(error, requests.TooManyRedirects):
        return 'its address leads from page to page in a circle'
    status = error.response.status_code if isinstance(error, requests.HTTPError) else None
    if status == 407 or 'failed: 407' in str(error):
        return (f'the proxy asks for a name and a password ({_proxies()}): put them into that variable, '
                'http://name:password@host:port')
    if isinstance(error, requests.HTTPError):
        return f'the server answered {error.response.status_code} {error.response.reason}'
    if isinstance(error, requests.exceptions.SSLError):
        return ('the certificate of the server is not trusted here (in some networks another machine answers '
                'in its place: name its certificate in REQUESTS_CA_BUNDLE, or ask who runs the '
                f'network; or the clock of this machine is wrong: it says {time.strftime("%Y-%m-%d")})')
    if isinstance(error, requests.exceptions.ProxyError):
        return f'the proxy does not let it through (it is set by {_proxies()}): correct that, or unset it'
    if isinstance(error, requests.Timeout) or 'timed out' in str(error):
        return f'the server said nothing for {TIMEOUT} seconds'
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return 'the connection broke off before the end'
    if isinstance(error, requests.ConnectionError):
        return 'the server could not be reached'
    if isinstance(error, _Instead):
        return f'what came is {str(error).partition(";")[0]}'
    if isinstance(error, zipfile.BadZipFile):
        return 'the download is not the expected archive, but damaged or an error page'
    if isinstance(error, ValueError):
        return 'the download does not have the known hash, so it is damaged or another file'
    if error.errno == errno.ENOSPC:
        return 'the disk is full'
    if isinstance(error, PermissionError):
        return f'the folder {error.filename} may not be written to'
    return str(error)


def _proxies():
    """What names a proxy, without a password."""
    return ', '.join(f'{name}={os.environ[name].rpartition("@")[2]}' for name in _PROXIES
                     if os.environ.get(name))
