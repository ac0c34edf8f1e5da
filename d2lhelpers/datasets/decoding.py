"""Encoded pictures, bytes, as pixels: one picture at a time, from whatever machine it comes.

Pillow, unlike MXNet's and OpenCV's decoders, does not take a file that breaks off for a picture with a grey
lower half.
"""
import contextlib
import dataclasses
import hashlib
import io
import threading
import warnings

import numpy
from PIL import ExifTags, Image, ImageFile

from ..signatures import DECODED, HEAD, kind, stand_in

SIDE = 384  # pixels of the shorter side: networks here take 224, and augmentation cuts a piece first
QUALITY = 85  # of a shrunk photo, as jpg: some 50 kB
# pixels: what a file may have, what of it may be decoded at once, and what several may decode at the same
# time
_MOST, _AT_ONCE, _SIDE_BY_SIDE = 300e6, 100e6, 20e6
_NARROWEST = 25  # times as long as wide
_TURNS = {2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
          4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270,
          7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_90}
_alone = threading.Lock()

# `_check_size` looks at the size itself: Pillow's own limit refuses the photos of today's phones
Image.MAX_IMAGE_PIXELS = None


class Unreadable(ValueError):
    """Why a picture cannot be read, and what to do, as it follows a name and a colon."""


@dataclasses.dataclass(frozen=True)
class Kept:
    """A photo as it is kept in memory.

    Attributes
    ----------
    data : bytes
        The file as it is; of a large photo a smaller jpg.
    content : bytes
        What tells it from other photos: the file, or the hash of a large one. The same on every machine.
    kind : str
        Format of the file: ``'JPEG'``.
    transparent, grey : bool
        Whether the picture had transparent parts, or only one channel.
    """

    data: bytes
    content: bytes
    kind: str
    transparent: bool
    grey: bool

    @property
    def shrunk(self):
        """Is it smaller than the file was?"""
        return self.data is not self.content


def decode(data):
    """One encoded picture as its pixels.

    Parameters
    ----------
    data : bytes
        Of a jpg, png, bmp, webp, pgm or another netpbm.

    Returns
    -------
    numpy.ndarray of uint8, shape (height, width, 3)
        Upright, red first; transparent parts are white.

    Raises
    ------
    Unreadable
        If it is none, or is damaged.
    """
    with quiet(), _decoded(data) as (image, _):
        return numpy.asarray(image)


def keep(data):
    """Look at a picture once, and make it small enough to keep many in memory and to decode them often.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    Kept
        A picture whose shorter side has more than `SIDE` pixels is shrunk to that, upright. Several threads
        may do this at the same time, within `quiet`.

    Raises
    ------
    Unreadable
        As `decode`.
    """
    with _decoded(data) as (image, about):
        if min(image.size) <= SIDE:
            return Kept(data, data, kind(data[:HEAD]), **about)
        factor = SIDE / min(image.size)
        size = [max(SIDE, round(side * factor)) for side in image.size]
        # averages over the pixels that become one, in two steps: nearly as good as one, and much faster
        file = io.BytesIO()
        image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2).save(file, 'JPEG', quality=QUALITY)
        return Kept(file.getvalue(), hashlib.sha256(data).digest(), kind(data[:HEAD]), **about)


@contextlib.contextmanager
def quiet():
    """A context without Pillow's warnings: of odd remarks in a file whose pixels are fine.

    Not for a thread: it holds for all of them.
    """
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', UserWarning)
        yield


@contextlib.contextmanager
def _decoded(data):
    """The picture, upright and in three channels, and what it was before. A large jpg comes at a half, a
    quarter or an eighth of its size: the decoder can do that, and saves most of the time.
    """
    known = DECODED.get(kind(data[:HEAD]))
    if known is None:
        raise Unreadable(stand_in(data[:HEAD]) or 'no picture that can be read here; replace it')
    # importing gluoncv.data, as the backbones of the full profile do, makes Pillow take one that breaks off
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with Image.open(io.BytesIO(data), formats=[known]) as image:
            _check_size(image.size, _MOST)
            image.draft('RGB', (2 * SIDE, 2 * SIDE))
            pixels = _check_size(image.size, _AT_ONCE)
            with _alone if pixels > _SIDE_BY_SIDE else contextlib.nullcontext():
                turn = _TURNS.get(_orientation(image))
                coloured, about = _in_colour(image)
                yield coloured if turn is None else coloured.transpose(turn), about
    except Unreadable:
        raise
    except Exception as error:  # decoders raise whatever a damaged file makes them trip over
        raise Unreadable(_reason(error)) from error


def _check_size(size, most):
    width, height = size
    if width * height > most:
        raise Unreadable(f'{width:,} x {height:,} pixels, too many to decode; save it smaller')
    if max(size) > _NARROWEST * min(size):
        raise Unreadable(f'{width:,} x {height:,} pixels, too narrow for a network; cut it')
    return width * height


def _orientation(image):
    """How the camera was held: a number from 1 to 8."""
    with contextlib.suppress(Exception):  # whatever is wrong with what is said about it, the picture is there
        return image.getexif().get(ExifTags.Base.Orientation, 1)
    return 1


def _in_colour(image):
    """Red, green, blue; and a dict: whether there were transparent parts, or only one channel."""
    about = {'transparent': False, 'grey': image.mode in ('1', 'L', 'LA') or image.mode.startswith('I')}
    if image.mode.startswith('I'):  # 16 bits: the whole range of them, as png and pgm mean it
        image = Image.fromarray((numpy.asarray(image).clip(0, 65535) / 257).round().astype('uint8'))
    elif image.has_transparency_data:
        image = image.convert('RGBA')
        about['transparent'] = image.getextrema()[3][0] < 255
        image = Image.alpha_composite(Image.new('RGBA', image.size, 'white'), image)
    return image.convert('RGB'), about


def _reason(error):
    text = ' '.join(str(error).split()).replace('<_io.BytesIO object', 'it')
    if any(words in text for words in ('truncated', 'broken data stream', 'nexpected end')):
        return 'broken off before its end, or damaged; copy it again'
    return f'damaged ({text[:80] or type(error).__name__}); replace it'
