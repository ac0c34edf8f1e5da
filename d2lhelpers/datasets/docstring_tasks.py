"""Two tasks on lines of docstrings: which field is a function of, and which type has a parameter?"""
import re

from .corpora import docs, tell_other_versions, words
from .lines import candidate, first_sentence, split

# How modules begin, field by field; of two that fit the longer one counts. Several fields share scipy, and
# pandas, so the style of a package does not decide
FIELDS = {
    'statistics': ('scipy.stats', 'sklearn.mixture', 'sklearn.covariance'),
    'linear algebra': ('scipy.linalg', 'scipy.sparse', 'numpy.linalg'),
    'optimisation': ('scipy.optimize',),
    'signals and images': ('scipy.signal', 'scipy.ndimage', 'scipy.fft', 'scipy.fftpack', 'numpy.fft',
                           'mxnet.image', 'gluoncv.data.transforms'),
    'plotting': ('matplotlib', 'mpl_toolkits', 'pandas.plotting'),
    'files': ('pandas.io', 'scipy.io', 'numpy.lib.npyio', 'numpy.lib.format'),
    'machine learning': ('sklearn',),
    'tables': ('pandas.core', 'pandas.io.formats'),
}
TYPES = {'bool': 'bool(ean)?', 'int': 'int(eger)?', 'float': 'float', 'str': 'str(ing)?',
         'array': '(nd)?array([ _-]like)?'}
_FIELD_OF = {begin: k for k, begins in enumerate(FIELDS.values()) for begin in begins}
# words that would give the label away: those of the names by which lines get theirs
_NAMES_OF_FIELDS = frozenset(words(' '.join(_FIELD_OF)))
_NAMES_OF_TYPES = frozenset(words('bool boolean booleans int ints integer integers float floats str string '
                                  'strings array arrays ndarray arraylike true false'))
_SECTION = re.compile(r'^Parameters\n-+\n(.*?)(?=^\S[^\n]*\n-{3,}|\Z)', re.MULTILINE | re.DOTALL)
_PARAMETER = re.compile(r'^[*\w][^:\n]*: *([^\n]+)\n((?:[ \t]+[^\n]*\n?|\n)+)', re.MULTILINE)
_END_OF_TYPE = re.compile(r'[,(={;]|\bof\b|\boptional\b|\bdefault\b|\bwith\b')


def load_fields():
    """Which field is it from? First sentences of docstrings of functions and classes, from eight fields.

    Neither the names of packages and modules that stand in `FIELDS` nor names of code are left in the lines,
    and no two lines are near duplicates. All functions of a module, or all methods of a class, are in one
    part.

    Returns
    -------
    LineDataset
        100 test and 50 validation lines of each class; the training part has as many as there are.
    """
    found = [candidate(first_sentence(doc.text), field, doc.group, _NAMES_OF_FIELDS)
             for doc in docs('science') if (field := _field(doc.module)) is not None]
    return _task('fields', found, FIELDS, {'test': 100, 'validation': 50}, _group,
                 'first sentences of docstrings, by the field of their module')


def load_types():
    """Which type does it have? First sentences that describe a parameter, of five types.

    The type is taken from the docstring, as numpydoc writes it (``axis : int``); its name is not left in the
    line, nor are true and false. All parameters of a function are in one part.

    Returns
    -------
    LineDataset
        160 test and 80 validation lines of each class; the training part has as many as there are.
    """
    found = [candidate(first_sentence(text), label, _function(doc), _NAMES_OF_TYPES)
             for doc in docs('science') for label, text in _parameters(doc.text)]
    return _task('types', found, TYPES, {'test': 160, 'validation': 80}, _function,
                 'first sentences on parameters in docstrings, by the type of the parameter')


def _task(name, found, classes, each, owner, about):
    tell_other_versions('science')
    return split(name, [one for one in found if one], classes, each, owner, about).introduce()


def _group(docstring):
    return docstring.group


def _function(docstring):
    return f'{docstring.module}:{docstring.name}'


def _field(module):
    fitting = [begin for begin in _FIELD_OF if f'{module}.'.startswith(f'{begin}.')]
    return _FIELD_OF[max(fitting, key=len)] if fitting else None


def _parameters(text):
    """Label and description of each parameter whose type is one of `TYPES` and nothing else."""
    section = _SECTION.search(text)
    for kind, description in _PARAMETER.findall(section[1]) if section else ():
        kind = _END_OF_TYPE.split(kind.lower())[0].strip(' `')
        for label, pattern in enumerate(TYPES.values()):
            if re.fullmatch(pattern, kind):
                yield label, description
