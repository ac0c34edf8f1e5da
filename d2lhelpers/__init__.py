"""Helper package of the transfer-learning course: everything that is not the lesson itself.

Import it before ``mxnet``: MXNet reads the number of CPU threads once, when it is imported. Small networks on 64 x 64 pictures train
faster on one thread (and give the same numbers however many cores there are), networks on 224 x 224 photos want all cores.
"""
import gc
import importlib
import os
import sys
import warnings

from .errors import CourseError
from .profile import CORES, DATA, PROFILE, ROOT

if 'mxnet' in sys.modules:
    warnings.warn('mxnet was imported before d2lhelpers, so the CPU threads are as MXNet set them (training may be slower, and the numbers '
                  'differ a little): import d2lhelpers first.', stacklevel=2)
else:
    os.environ.setdefault('OMP_NUM_THREADS', str(1 if PROFILE == 'embedded' else CORES))
    # Threads of libgomp spin while they wait; a short spin is a compromise between a quiet machine and a busy one.
    os.environ.setdefault('GOMP_SPINCOUNT', '10000')

try:
    # A failed import of OpenCV leaves a folder with a typing.py first on Python's path, so it comes after MXNet, which has loaded the real one
    for package in ('mxnet', 'cv2'):
        importlib.import_module(package)
except (ImportError, OSError, AttributeError) as error:  # a system library is missing, or numpy is too new for MXNet
    _reason = error

    def __getattr__(name):
        raise CourseError(f'The course cannot be imported here ({_reason}): python -m d2lhelpers doctor says what is missing.')
else:
    from mxnet import npx

    npx.set_np()

    from . import backbones, datasets, diagrams, layers, plots
    from .backbones import new_head, true_copy
    from .claims import beats, claim, claims_table, close, every, guess, widens, winners
    from .datasets import batches, few, subset
    from .devices import devices, seed_all
    from .evaluation import accuracy, outputs
    from .freezing import freeze, unfreeze
    from .lesson import opening
    from .study import recorded, study
    from .training import cross_entropy, fit

    # Gluon's DataLoader collects garbage whenever one is made, so at each evaluation: what was imported need not be searched every time
    gc.freeze()

__all__ = ['DATA', 'PROFILE', 'ROOT', 'CourseError', 'accuracy', 'backbones', 'batches', 'beats', 'claim', 'claims_table', 'close',
           'cross_entropy', 'datasets', 'devices', 'diagrams', 'every', 'few', 'fit', 'freeze', 'guess', 'layers', 'new_head',
           'opening', 'outputs', 'plots', 'recorded', 'seed_all', 'study', 'subset', 'true_copy', 'unfreeze', 'widens', 'winners']
