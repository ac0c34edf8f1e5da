"""A network that leaves the lesson: one folder with all that its use needs, and its use.

    network-symbol.json, network-0000.params   the network as MXNet exports it, its code not needed
    network.json                               class names, numbers of the preprocessing, temperature ...
    preprocessing.py                           the preprocessing as code, for NumPy alone
    card.html                                  the model card: read it first
"""
import dataclasses
import hashlib
import json
import tempfile
import warnings
from pathlib import Path

import numpy
from mxnet import MXNetError, gluon, np, npx

from . import files, preprocessing
from .calibration import softmax
from .datasets.photos import read_picture
from .errors import CourseError
from .evaluation import outputs
from .messages import say
from .preprocessing import Preprocessing
from .surgery import true_copy

SETTINGS, CARD = 'network.json', 'card.html'
_NETWORK = ('network-symbol.json', 'network-0000.params')  # as MXNet names them
ONNX, PHONE_PAGE = 'network.onnx', 'phone.html'  # made of it by other modules
UNSURE = "I don't know"


@dataclasses.dataclass(frozen=True)
class InUse:
    """A network in use: a picture goes in, probabilities and a sentence come out.

    Attributes
    ----------
    net : mxnet.gluon.Block
    classes : list of str
    preprocessing : Preprocessing
    temperature : float
        What the network's scores are divided by, so that it is as sure as it is right; 1 leaves them alone.
    threshold : float
        Below this probability of the likeliest class the answer is "I don't know"; 0: never.
    """

    net: gluon.Block
    classes: list
    preprocessing: Preprocessing
    temperature: float = 1.
    threshold: float = 0.

    def probabilities(self, pictures):
        """What it gives to each class.

        Parameters
        ----------
        pictures : sequence
            Each uint8, height x width x 3.

        Returns
        -------
        numpy.ndarray, shape (pictures, classes)
        """
        scores = outputs(self.net, np.array([self.preprocessing(picture) for picture in pictures]))
        return softmax(scores.asnumpy(), self.temperature)

    def answer(self, probabilities):
        """One picture's probabilities in words: ``hotdog, 97 %``, ``I don't know (perhaps hotdog, 41 %)``."""
        best = int(numpy.argmax(probabilities))
        told = f'{self.classes[best]}, {probabilities[best]:.0%}'.replace('%', ' %')
        return told if probabilities[best] >= self.threshold else f'{UNSURE} (perhaps {told})'


def hand_over(folder, in_use, card):
    """Write the folder. What was handed over there before is replaced, once all of the new is written.

    Parameters
    ----------
    folder : str or pathlib.Path
    in_use : InUse
        Its network hybridizable, as all of the course are.
    card : d2lhelpers.model_card.ModelCard

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    CourseError
        If something else is in the folder, the network has another number of outputs than there are classes,
        or the card leaves something out; or the disk is full.
    """
    folder = Path(folder)
    if folder.exists() and not (folder / SETTINGS).is_file() and (folder.is_file() or _foreign(folder)):
        raise CourseError(f'{folder} holds something that is no network handed over: name another folder, or '
                          'an empty one.')
    page = card.page(in_use.classes)  # first of all, for it may be incomplete
    net = true_copy(in_use.net)  # of its own: to export is to compile
    net.hybridize()
    side = in_use.preprocessing.crop
    scores = outputs(net, np.zeros((1, 3, side, side)))
    if scores.shape[1] != len(in_use.classes):
        raise CourseError(f'The network gives {scores.shape[1]} scores, but there are {len(in_use.classes)} '
                          'class names: hand over both of the same task.')
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix='.', suffix='.part', dir=folder.parent) as beside:
            _write(Path(beside), net, card, page, in_use)
            load(beside)  # MXNet does not notice a disk that is full at the very end of a file
            folder.mkdir(exist_ok=True)
            for made in (ONNX, PHONE_PAGE):
                (folder / made).unlink(missing_ok=True)  # it is of the network before
            for name in (*_NETWORK, 'preprocessing.py', CARD, SETTINGS):
                (Path(beside) / name).replace(folder / name)
    except (MXNetError, OSError, CourseError) as error:
        reason = error.strerror if isinstance(error, OSError) else 'is the disk full?'
        raise CourseError(f'{folder} cannot be written ({reason}): make room, or name another folder. What '
                          'was handed over there before is as it was.') from error
    return folder


def _foreign(folder):
    """Whether something lies there that is none of ours; an interrupt may have left some of ours."""
    return {path.name for path in folder.iterdir()} - {*_NETWORK, 'preprocessing.py', CARD}


def _write(folder, net, card, page, in_use):
    net.export(str(folder / 'network'))
    numbers = {'title': card.title, 'purpose': card.purpose, 'classes': list(in_use.classes),
               'preprocessing': dataclasses.asdict(in_use.preprocessing),
               'temperature': float(in_use.temperature), 'threshold': float(in_use.threshold),
               'network': _hash(folder)}
    code = Path(preprocessing.__file__).read_text(encoding='utf-8')
    for name, text in {'preprocessing.py': code, CARD: page,
                       SETTINGS: json.dumps(numbers, indent=1, ensure_ascii=False)}.items():
        files.write_whole(folder / name, text)


def _hash(folder):
    """Of the network itself: an interrupt between two files leaves no classes beside another network."""
    return hashlib.sha256(b''.join((folder / name).read_bytes() for name in _NETWORK)).hexdigest()


def settings_of(folder):
    """What a folder says of its network, a dict as in ``network.json``.

    Raises
    ------
    CourseError
        If the folder holds no network handed over, or its settings are damaged.
    """
    path = Path(folder) / SETTINGS
    if not path.is_file():
        raise CourseError(f'{folder} holds no network handed over ({SETTINGS} is missing, looked for from '
                          f'{Path.cwd()}): name the folder that hand_over has written.')
    try:
        return json.loads(path.read_text(encoding='utf-8'))
    except ValueError as error:
        raise CourseError(f'{path} is damaged ({error}): hand the network over again.') from error


def load(folder):
    """A network that was handed over, ready for use; on the CPU.

    Parameters
    ----------
    folder : str or pathlib.Path

    Returns
    -------
    InUse

    Raises
    ------
    CourseError
        If the folder holds no network handed over, or a damaged one.
    """
    folder, numbers = Path(folder), settings_of(folder)
    parts = [folder / name for name in _NETWORK]
    try:
        if numbers['network'] != _hash(folder):
            raise ValueError('its files do not belong together')
        with warnings.catch_warnings():  # that it cannot decide the type of what will come in
            warnings.simplefilter('ignore', UserWarning)
            net = gluon.SymbolBlock.imports(str(parts[0]), ['data'], str(parts[1]), npx.cpu())
        given = numbers['preprocessing']
        return InUse(net, numbers['classes'], Preprocessing(given['resize'], given['crop'],
                                                            tuple(given['mean']), tuple(given['std'])),
                     numbers['temperature'], numbers['threshold'])
    except (MXNetError, OSError, LookupError, TypeError, ValueError, AssertionError) as error:
        raise CourseError(f'The network in {folder} cannot be read ({str(error).splitlines()[0][:80]}): hand '
                          'it over again.') from error


def predict(folder, photos):
    """Say for each photo what the network of a folder takes it for, and how sure it is.

    Parameters
    ----------
    folder : str or pathlib.Path
    photos : sequence of str or pathlib.Path

    Returns
    -------
    list of str
        A sentence for each photo that could not be read; the others are answered all the same.

    Raises
    ------
    CourseError
        See `load`.
    """
    in_use, unread = load(folder), []
    for photo in photos:
        try:
            picture = read_picture(photo)
        except CourseError as error:
            unread.append(str(error))
            continue
        say(f'{photo}: {in_use.answer(in_use.probabilities([picture])[0])}')
    return unread
