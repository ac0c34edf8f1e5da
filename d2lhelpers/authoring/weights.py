"""``make weights``: draw the source task, pretrain the embedded backbone on it, and write its weights and its card."""
import hashlib
import json
import time

import cv2
import mxnet
import numpy
from mxnet import gluon, np

from .. import accuracy, batches, fit, seed_all
from ..backbones import THIN, build
from ..datasets import picture_book, scenes
from ..training import cross_entropy

EPOCHS, BATCH, RATE, WARM_UP, DECAY = 22, 64, .1, .05, 5e-4
SHIFT, JITTER, GREY = 4, .3, .1
MEAN, DEVIATION = (.485, .456, .406), (.229, .224, .225)  # ImageNet's, so that a notebook needs no other transform for real weights
MOST_BYTES = 3_000_000


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
    """Each picture of a batch cropped and flipped at random, its saturation, contrast and brightness changed, and some made grey.

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
    cropped = [picture[i:i + side, j:j + side][:, ::flip] for picture, (i, j), flip in zip(padded, corners, flips, strict=True)]
    x = as_input(numpy.stack(cropped)).reshape(n, 3, -1)
    brightness, contrast, saturation = rng.uniform(1 - JITTER, 1 + JITTER, (3, n, 1, 1))
    saturation[rng.random(n) < GREY] = 0
    colours = contrast * (saturation * numpy.eye(3) + (1 - saturation) / 3)  # 0 is about the mean of all pictures: contrast stretches around it
    return (colours.astype('float32') @ x + 2 * (brightness - 1).astype('float32')).reshape(n, 3, side, side)


def pretrain(pictures, labels, classes, epochs=EPOCHS, seed=0):
    """Train the backbone from scratch.

    Parameters
    ----------
    pictures : numpy.ndarray of uint8, shape (n, 64, 64, 3)
    labels : numpy.ndarray of int32, shape (n,)
    classes : int
    epochs : int
    seed : int

    Returns
    -------
    mxnet.gluon.HybridBlock
    """
    seed_all(seed)
    rng = numpy.random.default_rng(seed)
    net = build('thin_resnet', classes)
    net.hybridize(static_alloc=True)
    trainer = gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': RATE, 'momentum': .9, 'wd': DECAY})

    padded = numpy.pad(pictures, ((0, 0), (SHIFT, SHIFT), (SHIFT, SHIFT), (0, 0)), mode='edge')

    def loss(chosen):  # batches holds numbers of pictures, so that a batch is augmented at once, which is many times faster
        chosen = chosen.asnumpy()
        return cross_entropy(net(np.array(augment(padded[chosen], rng))), np.array(labels[chosen]))

    def schedule(p):
        trainer.set_learning_rate(RATE * min(p / WARM_UP + .01, (1 + numpy.cos(numpy.pi * p)) / 2))

    fit(loss, batches(gluon.data.ArrayDataset(numpy.arange(len(labels))), size=BATCH), trainer, epochs, before_step=schedule)
    return net


def main():
    """Write ``data/weights/thin_resnet.params`` and the card beside it."""
    cv2.setNumThreads(1)
    started = time.perf_counter()
    task = picture_book.source()
    drawn = time.perf_counter()
    print(f'Drew {len(task.train)} training pictures and the rest in {drawn - started:.0f} s.', flush=True)
    pictures = numpy.stack([picture.asnumpy() for picture, _ in task.train])
    net = pretrain(pictures, task.train.labels, len(task.classes))
    trained = time.perf_counter()
    net.cast('float16')  # half the size, the same accuracy; loading casts back
    THIN.parent.mkdir(parents=True, exist_ok=True)
    net.save_parameters(str(THIN))
    size = THIN.stat().st_size
    if size > MOST_BYTES:
        raise RuntimeError(f'{THIN.name} has {size} bytes; at most {MOST_BYTES} are to be committed.')
    saved = build('thin_resnet', len(task.classes))
    saved.load_parameters(str(THIN), cast_dtype=True)
    right = {part: accuracy(saved, getattr(task, part).transform_first(lambda picture: np.array(as_input(picture.asnumpy()[None])[0])))
             for part in ('validation', 'test')}
    card = {
        'what': 'ResNet v2 of the Gluon model zoo, one basic block a stage, channels 16-16-32-64-128, features and output',
        'made by': 'make weights',
        'source task': f'd2lhelpers.datasets.picture_book.source(), drawing version {scenes.VERSION}, {task.about}',
        'fingerprint of the source task': task.fingerprint,
        'training pictures': len(task.train),
        'training': f'SGD, momentum .9, rate {RATE} with warm-up and cosine, weight decay {DECAY}, batch {BATCH}, {EPOCHS} epochs; '
                    'crop +-4 pixels, flip, colour jitter .3, grey .1; one thread',
        'input': f'red, green, blue from 0 to 1, minus {MEAN}, divided by {DEVIATION}; batch x 3 x 64 x 64',
        'seconds of drawing': round(drawn - started),
        'seconds of training': round(trained - drawn),
        'validation accuracy': round(right['validation'], 4),
        'test accuracy': round(right['test'], 4),
        'parameters': int(sum(numpy.prod(p.shape) for p in saved.collect_params().values())),
        'bytes': size,
        'sha256': hashlib.sha256(THIN.read_bytes()).hexdigest(),
        'versions': {'mxnet': mxnet.__version__, 'numpy': numpy.__version__, 'opencv': cv2.__version__},
        'licence': 'CC BY 4.0',
        'classes': task.classes,
    }
    THIN.with_suffix('.json').write_text(json.dumps(card, indent=2) + '\n', encoding='utf-8')
    print(f'{THIN.name}: test accuracy {card["test accuracy"]:.3f} on {len(task.classes)} classes, {size} bytes, '
          f'{card["seconds of drawing"]} s of drawing and {card["seconds of training"]} s of training.')


if __name__ == '__main__':
    main()
