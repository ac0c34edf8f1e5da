"""Helper package of the transfer-learning course: everything that is not the lesson itself.

Import it before ``mxnet``: MXNet reads the number of CPU threads once, when it is imported. Small networks on
64 x 64 pictures train faster on one thread (and give the same numbers however many cores there are), networks
on 224 x 224 photos want all cores. Importing this package sets that number and does nothing else; a name
below is loaded when it is first used.
"""
import importlib
import sys
import warnings
from pathlib import Path

from .environment import set_threads

if 'mxnet' in sys.modules:
    warnings.warn('mxnet was imported before d2lhelpers, so MXNet chose the CPU threads itself (training may '
                  'be '
                  'slower, and the numbers differ a little): import d2lhelpers first.', stacklevel=2)
else:
    set_threads()

_NAMES = {  # by the module where they live
    'backbones': 'backbones', 'calibration': 'calibration', 'claims': 'claim claims_table',
    'comparisons': 'beats close every holds widens winners',
    'course': 'course', 'alignment': 'alignment', 'datasets': 'datasets batches per_class stratified',
    'diagrams': 'diagrams', 'environment': 'settings', 'errors': 'CourseError',
    'evaluation': 'accuracy correct outputs trained_on',
    'exercises': 'exercises', 'freezing': 'freeze unfreeze', 'guesses': 'guess',
    'handover': 'handover', 'hardware': 'devices seed_all', 'layers': 'layers',
    'lesson': 'opening', 'machines': 'machines', 'plots': 'plots', 'questions': 'five_questions',
    'records': 'recorded', 'reversal': 'reversal', 'studies': 'study', 'surgery': 'new_head true_copy',
    'training': 'cross_entropy fit',
}


def _newest():
    """When the newest module of this package was written."""
    return max(path.stat().st_mtime for path in Path(__file__).parent.rglob('*.py'))


_BEGUN = _newest()
_HOME = {name: module for module, names in _NAMES.items() for name in names.split()}
__all__ = sorted(_HOME)


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    if _newest() > _BEGUN:  # what is loaded already is of before
        warnings.warn('The files of d2lhelpers have changed since it was imported here (an update of the '
                      'course?), and old and new ones may not fit together: Kernel → Restart Kernel.',
                      stacklevel=2)
    from . import process  # before anything of MXNet is used

    module = importlib.import_module(f'.{_HOME[name]}', __name__)
    globals()[name] = value = module if name == _HOME[name] else getattr(module, name)
    process.settle()
    return value


def __dir__():
    return __all__
