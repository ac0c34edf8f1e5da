"""``make bench-growth``: how seconds and memory grow with what a learner brings, in some fifteen minutes.

Each measurement is a process of its own, ``python -m tests.bench.growth WHAT N FOLDER``. Beside it stands the
slope since the line above: 1, twice as much takes twice as long; 0, it takes no longer.
"""
import contextlib
import io
import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from d2lhelpers import backbones, batches, beats, cross_entropy, datasets, fit, seed_all, study
from d2lhelpers.datasets.look_over import look_over
from d2lhelpers.datasets.photos import from_folders

import numpy
import PIL.Image
from mxnet import gluon, np, npx
from mxnet.gluon import nn

from .peers.contestant import peak

PHOTOS = 10_000  # of the tables over something else


def photos(folder, n, classes=2, side=64):
    """A folder of jpg files that are all different."""
    for i in range(n):
        place = folder / f'class {i % classes:04}'
        place.mkdir(parents=True, exist_ok=True)
        coarse = numpy.random.default_rng(i).integers(0, 256, (8, 8, 3), dtype='uint8')
        PIL.Image.fromarray(coarse).resize((side, side)).save(place / f'{i:06}.jpg')


def read(n, folder):
    """Reading, checking and splitting a folder of so many photos."""
    photos(folder, n)
    return lambda: from_folders(folder, 'bench')


def read_classes(n, folder):
    """Reading a folder of 10,000 photos in so many classes."""
    photos(folder, PHOTOS, n)
    return lambda: from_folders(folder, 'bench')


def look(n, folder):
    """Looking over a folder of so many photos, near-duplicates included."""
    photos(folder, n)
    return lambda: [*look_over(folder)]


def head(n, _):
    """100 updates of a head of so many classes on the kept features of 10,000 pictures."""
    random = numpy.random.default_rng(0)
    data = datasets.Examples(random.normal(size=(PHOTOS, 128)), random.permutation(PHOTOS) % n)
    net = nn.Dense(n, in_units=128)
    net.initialize()
    trainer = gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': .1})
    return lambda: fit(lambda x, y: cross_entropy(net(x), y), batches(data, size=32, updates=100), trainer, 1)


def update(n, _):
    """Twenty updates of the thin ResNet on 32 pictures of so many pixels a side."""
    net = backbones.build('thin_resnet', 2)
    net.hybridize(static_alloc=True)
    data = gluon.data.ArrayDataset(np.random.normal(size=(32, 3, n, n)), numpy.arange(32) % 2)
    trainer = gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': .001})
    given = batches(data, size=32, updates=20)

    def work():
        fit(lambda x, y: cross_entropy(net(x), y), given, trainer, 1)
        npx.waitall()
    return work


def judged(n, _):
    """A study of two arms with so many seeds and 1,000 test items, its table and a comparison."""
    data = datasets.load_moons()

    def run(seed, arm):
        right = numpy.random.default_rng((seed, arm == 'a')).random(1000) < .7
        return {'validation': .7, 'test': right}

    def work():
        table = study(run, [{'arm': 'a'}, {'arm': 'b'}], [{}], range(n), record='bench', data=data, live=True)
        table._repr_html_()
        beats(table, 'a', 'b')
    return work


def judged_arms(n, _):
    """The same with five seeds and so many arms, each compared with the next."""
    data = datasets.load_moons()

    def run(seed, arm):
        return {'validation': .7, 'test': numpy.random.default_rng((seed, arm)).random(1000) < .7}

    def work():
        table = study(run, [{'arm': arm} for arm in range(n)], [{}], range(5), record='bench', data=data,
                      live=True)
        table._repr_html_()
        for arm in range(n - 1):
            beats(table, {'arm': arm}, {'arm': arm + 1})
    return work


TABLES = {read: (100, 1_000, 10_000, 100_000), look: (100, 1_000, 10_000, 40_000),
          read_classes: (2, 10, 100, 1_000), head: (2, 10, 100, 1_000), update: (32, 64, 128, 256),
          judged: (5, 50, 500, 5_000), judged_arms: (2, 20, 200)}


def measure(what, n, folder):
    """CPU seconds of this process, threads included, and by how many MB its memory's peak has grown."""
    seed_all(0)
    work = globals()[what](n, Path(folder))
    before, began = peak(), os.times()
    with contextlib.redirect_stdout(io.StringIO()):
        work()
    ended = os.times()
    return {'seconds': ended.user + ended.system - began.user - began.system, 'MB': peak() - before}


def main():
    for what, sizes in TABLES.items():
        print(f'\n{what.__doc__}\n{"":>10}{"CPU-seconds":>14}{"slope":>8}{"MB more":>10}{"slope":>8}')
        last = None
        for n in sizes:
            with tempfile.TemporaryDirectory() as folder:
                said = subprocess.run(
                    [sys.executable, '-m', 'tests.bench.growth', what.__name__, str(n), folder], check=True,
                    text=True, stdout=subprocess.PIPE, env=os.environ | {'OMP_NUM_THREADS': '1'}).stdout
            found = json.loads(said.splitlines()[-1])
            print(f'{n:>10,}{found["seconds"]:>14,.2f}{_slope(last, n, found, "seconds"):>8}'
                  f'{found["MB"]:>10,.0f}{_slope(last, n, found, "MB"):>8}', flush=True)
            last = n, found


def _slope(last, n, found, name):
    """Between two lines, by logarithms; nothing where one is too small to be told from nothing."""
    if last is None or min(found[name], last[1][name]) < .05:
        return ''
    return f'{math.log(found[name] / last[1][name]) / math.log(n / last[0]):.2f}'


if __name__ == '__main__':
    if sys.argv[1:]:
        what, n, folder = sys.argv[1:]
        print(json.dumps(measure(what, int(n), folder)))
    else:
        main()
