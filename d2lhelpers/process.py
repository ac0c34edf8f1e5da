"""Every setting that holds for the whole process, in one place: importing this module makes them all.

The number of CPU threads alone is set before, by `environment.set_threads`, for MXNet reads it when it is
imported. The names of `d2lhelpers` load this module first, and the modules that use MXNet or draw figures
import it.
"""
import gc
import importlib
import sys

from .errors import CourseError


def _show(kind, error, trace, usual=sys.excepthook):
    """Outside of notebooks too a `CourseError` is shown as its sentence alone."""
    if issubclass(kind, CourseError):
        print(f'CourseError: {error}', file=sys.stderr)
    else:
        usual(kind, error, trace)


sys.excepthook = _show


# What MXNet imports where it is installed: a base class of its old Module API, and a distance of its
# quantization. Each is a second of waiting, and the course uses neither.
_NOT_FOR_MXNET = 'sklearn', 'scipy.stats'


def _import_mxnet():
    hidden = [name for name in _NOT_FOR_MXNET if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # not to be found
    try:
        importlib.import_module('mxnet')
    finally:
        for name in hidden:
            del sys.modules[name]


try:
    _import_mxnet()
    # A failed import of OpenCV leaves a folder with a typing.py first on Python's path, so it comes after
    # MXNet, which has loaded the real one
    importlib.import_module('cv2')
except (ImportError, OSError, AttributeError) as _error:  # a library of the system is missing, numpy too new
    raise CourseError(f'The course cannot be imported here ({_error}): python -m d2lhelpers doctor says what '
                      'is missing.') from _error

import matplotlib  # noqa: E402
from mxnet import npx  # noqa: E402

npx.set_np()

from . import wrong_input  # noqa: E402, F401 - from now on batch normalisation looks at what it is given

matplotlib.rcParams.update({  # legible on a projector
    'font.size': 13, 'axes.titlesize': 15, 'axes.labelsize': 13, 'legend.fontsize': 12,
    'lines.linewidth': 2.5, 'lines.markersize': 8, 'axes.spines.top': False, 'axes.spines.right': False,
    'axes.grid': True, 'grid.color': '#DDDDDD', 'figure.dpi': 72, 'savefig.dpi': 72,
    'figure.constrained_layout.use': True,
    'text.parse_math': False,  # a class may be called "$5 bill"
})


def settle():
    """After an import: what was imported need not be searched at every collection of garbage.

    Gluon's DataLoader collects whenever one is made, so at each evaluation.
    """
    gc.freeze()


settle()
