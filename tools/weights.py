"""``make weights``: draw the source tasks, pretrain the embedded backbones on them, and write their weights
and their cards.

``make weights NB=half_A`` makes one file alone.
"""
import functools
import hashlib
import json
import sys
import time

from d2lhelpers import accuracy, batches, fit, seed_all
from d2lhelpers.backbones import CHARACTERS, HALVES, PEOPLE, THIN, VGG, build
from d2lhelpers.datasets import characters, faces, picture_book
from d2lhelpers.datasets.drawn import scenes
from d2lhelpers.errors import CourseError
from d2lhelpers.files import write_whole
from d2lhelpers.training import cross_entropy
from d2lhelpers.vgg import PEOPLE as VGG_PEOPLE

import cv2
import mxnet
import numpy
from mxnet import gluon, np

EPOCHS, BATCH, RATE, WARM_UP, DECAY = 22, 64, .1, .05, 5e-4
RATES = {'thin_vgg': .03}  # a chain without batch normalisation does not bear .1
LONGER = {VGG_PEOPLE: 80}  # epochs: after 22 such a chain has not yet learned its few training pictures
SHIFT, JITTER, GREY = 4, .3, .1
# ImageNet's, so that a notebook needs no other transform for real weights
MEAN, DEVIATION = (.485, .456, .406), (.229, .224, .225)
MOST_BYTES = 3_000_000

# Every file: which network, its source task, the side of its pictures in pixels, and what the card says of
# the network
MADE = {THIN: ('thin_resnet', picture_book.source, 64, 'ResNet v2 of the Gluon model zoo, one basic block a '
                                                       'stage, channels 16-16-32-64-128')}
MADE |= {path: ('five_layers', functools.partial(picture_book.half_source, half), 32,
                'five convolutions, channels 16-16-32-64-64')
         for half, path in HALVES.items()}
MADE[CHARACTERS] = ('five_layers', characters.source, 32, MADE[HALVES['A']][3])
MADE[VGG] = ('thin_vgg', picture_book.source, 64,
             'VGG of the Gluon model zoo, the thirteen convolutions of VGG-16 without batch normalisation, '
             'without the two dense layers before the head, channels 8-16-32-64-128')
MADE[PEOPLE] = ('thin_resnet', faces.source, 64, MADE[THIN][3])
MADE[VGG_PEOPLE] = ('thin_vgg', faces.source, 64, MADE[VGG][3])


def as_input(pictures):
    """What ToTensor and Normalize do, for many pictures at once.

    Parameters
    ----------
    pictures : numpy.ndarray of uint8, shape (batch, height, width, 3)

    Returns
    -------
    numpy.ndarray of float32, shape (batch, 3, height, width)
    """
    x = numpy.ascontiguousarray(pictures.transpose(0, 3, 1, 2), dtype='float32')
    x /= 255
    x -= numpy.float32(MEAN).reshape(3, 1, 1)
    x /= numpy.float32(DEVIATION).reshape(3, 1, 1)
    return x


def augment(padded, rng):
    """Each picture of a batch cropped and flipped at random, its saturation, contrast and brightness changed,
    and some made grey.

    Parameters
    ----------
    padded : numpy.ndarray of uint8, shape (batch, height + 2 * SHIFT, width + 2 * SHIFT, 3)
    rng : numpy.random.Generator

    Returns
    -------
    numpy.ndarray of float32, shape (batch, 3, height, width)
        As `as_input` makes them.
    """
    n, side = len(padded), padded.shape[1] - 2 * SHIFT
    corners, flips = rng.integers(0, 2 * SHIFT + 1, (n, 2)), rng.choice((-1, 1), n)
    cropped = [picture[i:i + side, j:j + side][:, ::flip] for picture, (i, j),
               flip in zip(padded, corners, flips, strict=True)]
    x = as_input(numpy.stack(cropped)).reshape(n, 3, -1)
    brightness, contrast, saturation = rng.uniform(1 - JITTER, 1 + JITTER, (3, n, 1, 1))
    saturation[rng.random(n) < GREY] = 0
    # 0 is about the mean of all pictures: contrast stretches around it
    colours = contrast * (saturation * numpy.eye(3) + (1 - saturation) / 3)
    return (colours.astype('float32') @ x + 2 * (brightness - 1).astype('float32')).reshape(n, 3, side, side)


def pretrain(pictures, labels, classes, name='thin_resnet', epochs=EPOCHS, seed=0):
    """Train a backbone from scratch.

    Parameters
    ----------
    pictures : numpy.ndarray of uint8, shape (n, side, side, 3)
    labels : numpy.ndarray of int32, shape (n,)
    classes : int
    name : str
        The network, as `build` calls it.
    epochs : int
    seed : int

    Returns
    -------
    mxnet.gluon.HybridBlock
    """
    seed_all(seed)
    rng = numpy.random.default_rng(seed)
    net = build(name, classes)
    net.hybridize(static_alloc=True)
    rate = RATES.get(name, RATE)
    trainer = gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': rate, 'momentum': .9, 'wd': DECAY})

    padded = numpy.pad(pictures, ((0, 0), (SHIFT, SHIFT), (SHIFT, SHIFT), (0, 0)), mode='edge')

    # batches holds numbers of pictures, so that a batch is augmented at once, which is many times faster
    def loss(chosen):
        chosen = chosen.asnumpy()
        return cross_entropy(net(np.array(augment(padded[chosen], rng))), np.array(labels[chosen]))

    def schedule(p):
        trainer.set_learning_rate(rate * min(p / WARM_UP + .01, (1 + numpy.cos(numpy.pi * p)) / 2))

    fit(loss, batches(gluon.data.ArrayDataset(numpy.arange(len(labels))), size=BATCH), trainer, epochs,
        before_step=schedule)
    return net


def smaller(pictures, side):
    """Pictures brought to a side of so many pixels, as transforms.Resize does it.

    Parameters
    ----------
    pictures : numpy.ndarray of uint8, shape (n, height, width, 3)
    side : int

    Returns
    -------
    numpy.ndarray of uint8, shape (n, side, side, 3)
    """
    if pictures.shape[1] == side:
        return pictures
    return numpy.stack([cv2.resize(picture, (side, side), interpolation=cv2.INTER_LINEAR)
                        for picture in pictures])


def make(path):
    """Write the weights of one of `MADE`, and the card beside them."""
    name, source, side, what = MADE[path]
    started = time.perf_counter()
    task = source()
    drawn = time.perf_counter()
    print(f'Drew {len(task.train)} training pictures and the rest in {drawn - started:.0f} s.', flush=True)
    parts = {part: smaller(numpy.stack([picture.asnumpy() for picture, _ in getattr(task, part)]), side)
             for part in ('train', 'validation', 'test')}
    epochs = LONGER.get(path, EPOCHS)
    net = pretrain(parts['train'], task.train.labels, len(task.classes), name, epochs)
    trained = time.perf_counter()
    net.cast('float16')  # half the size, the same accuracy; loading casts back
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix('.part')
    net.save_parameters(str(unfinished))
    size = unfinished.stat().st_size
    if size > MOST_BYTES:
        raise CourseError(f'{path.name} would have {size} bytes, more than the {MOST_BYTES} that may be '
                          'committed: make the network smaller.')
    unfinished.replace(path)
    saved = build(name, len(task.classes))
    saved.load_parameters(str(path), cast_dtype=True)
    right = {part: accuracy(saved, gluon.data.ArrayDataset(as_input(parts[part]),
                                                           getattr(task, part).labels))
             for part in ('validation', 'test')}
    card = {
        'what': f'{what}, features and output',
        'made by': 'make weights',
        'source task': f'd2lhelpers.datasets.{source_name(source)}, drawing version {scenes.VERSION}, '
                       f'{task.about}',
        'fingerprint of the source task': task.fingerprint,
        'training pictures': len(task.train),
        'training': f'SGD, momentum .9, rate {RATES.get(name, RATE)} with warm-up and cosine, weight decay '
                    f'{DECAY}, batch {BATCH}, {epochs} epochs; crop +-4 pixels, flip, colour jitter .3, grey '
                    '.1; one thread',
        'input': f'red, green, blue from 0 to 1, minus {MEAN}, divided by {DEVIATION}; batch x 3 x {side} x '
                 f'{side}',
        'seconds of drawing': round(drawn - started),
        'seconds of training': round(trained - drawn),
        'validation accuracy': round(right['validation'], 4),
        'test accuracy': round(right['test'], 4),
        'parameters': int(sum(numpy.prod(p.shape) for p in saved.collect_params().values())),
        'bytes': size,
        'sha256': hashlib.sha256(path.read_bytes()).hexdigest(),
        'versions': {'mxnet': mxnet.__version__, 'numpy': numpy.__version__, 'opencv': cv2.__version__},
        'licence': 'CC BY 4.0',
        'classes': task.classes,
    }
    write_whole(path.with_suffix('.json'), json.dumps(card, indent=2) + '\n')
    print(f'{path.name}: test accuracy {card["test accuracy"]:.3f} on {len(task.classes)} classes, {size} '
          f'bytes, {card["seconds of drawing"]} s of drawing and {card["seconds of training"]} s of '
          'training.')


def source_name(source):
    """The call that draws a source task, as one would write it."""
    call = (f'{source.func.__name__}({source.args[0]!r})' if isinstance(source, functools.partial)
            else f'{source.__name__}()')
    return f'{getattr(source, "func", source).__module__.split(".")[-1]}.{call}'


def main(only=''):
    """Write all files in ``data/weights``, or those whose names begin with `only`."""
    cv2.setNumThreads(1)
    found = [path for path in MADE if path.name.startswith(only)]
    if not found:
        raise CourseError(f'NB={only} names no weights: there are {", ".join(path.stem for path in MADE)}.')
    for path in found:
        make(path)


if __name__ == '__main__':
    main(*sys.argv[1:])
