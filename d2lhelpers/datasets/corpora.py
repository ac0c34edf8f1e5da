"""Running text to learn embeddings from, in several domains: the docstrings of packages that the course needs
anyway.
"""
import functools
import hashlib
import re

from ..environment import settings
from ..errors import CourseError
from ..messages import say
from . import docstrings

# Which packages speak of what. They all stand in requirements.lock, with one version
DOMAINS = {
    'science': ('numpy', 'scipy', 'pandas', 'scikit-learn', 'matplotlib', 'mxnet', 'gluoncv'),
    'tools': ('anyio', 'babel', 'beautifulsoup4', 'coverage', 'fonttools', 'ipykernel', 'ipython',
              'ipywidgets', 'jedi', 'jinja2', 'jupyter-client', 'jupyter-server', 'jupyterlab', 'nbconvert',
              'nbformat', 'packaging', 'playwright', 'pooch', 'prompt-toolkit', 'psutil', 'pygments',
              'pytest', 'pyzmq', 'requests', 'tornado', 'traitlets', 'urllib3'),
    'python': (docstrings.PYTHON,),  # changes with every release of Python: no record is made from it
}
ABOUT = {'science': 'docstrings of numpy, scipy, pandas, scikit-learn, matplotlib, mxnet and gluoncv',
         'tools': 'docstrings of Jupyter, of a web server and other packages that the course runs on',
         'python': 'docstrings of the standard library of Python'}

_BEGINNING = 3  # words: no line of a task has fewer


class Corpus:
    """Text of one domain: paragraphs of words, each paragraph once.

    Attributes
    ----------
    name : str
    paragraphs : list of tuple of str
        Words are runs of at least two letters a to z, in lower case.
    fingerprint : str
        Made from the words: a record is shown only beside the text it was made from.
    """

    def __init__(self, name, paragraphs):
        self.name, self.paragraphs = name, paragraphs
        text = '\n'.join(map(' '.join, paragraphs))
        self.fingerprint = hashlib.sha256(text.encode()).hexdigest()[:16]

    def __len__(self):
        """How many words it has."""
        return sum(map(len, self.paragraphs))

    def part(self, words):
        """A part of the text: paragraphs spread over all of it, until there are so many words.

        Parameters
        ----------
        words : int

        Returns
        -------
        Corpus
        """
        share = min(1, words / max(1, len(self)))
        # the whole part of i * share grows by one at every paragraph that is taken
        return Corpus(self.name, [paragraph for i, paragraph in enumerate(self.paragraphs)
                                  if int((i + 1) * share) > int(i * share)])


def load_corpus(domain, without=()):
    """Text of a domain, read from the packages that are installed here.

    Parameters
    ----------
    domain : str
        One of `DOMAINS`.
    without : sequence of LineDataset
        Tasks: what their validation and test lines come from, and every paragraph that repeats such a line,
        is left out, so that no embedding has seen them.

    Returns
    -------
    Corpus

    Raises
    ------
    CourseError
        If there is no such domain.
    """
    if domain not in DOMAINS:
        raise CourseError(f'There is no text of {domain!r}: choose from {", ".join(DOMAINS)}.')
    tell_other_versions(domain)
    repeated = _begin(line for task in without for line in task.held_out_lines)
    paragraphs = {}  # a dict keeps the order
    for doc in docs(domain):
        if not any(task.is_held_out(doc) for task in without):
            paragraphs.update(dict.fromkeys(_paragraphs(doc.text)))
    corpus = Corpus(domain, [each for each in paragraphs if len(each) > 1 and not _repeats(each, repeated)])
    say(f'{domain.capitalize()}: {ABOUT[domain]}, {len(corpus):,} words.')
    return corpus


def docs(domain):
    """All docstrings of a domain, those of packages that are not installed left out."""
    return [doc for package in DOMAINS[domain] if docstrings.installed(package)
            for doc in docstrings.read(package)]


@functools.cache
def tell_other_versions(domain):
    """Say, once, which packages are not those of the lock: other versions have other docstrings."""
    lock = (settings.root / 'requirements.lock').read_text(encoding='utf-8')
    locked = dict(re.findall(r'^([a-z0-9-]+)==(\S+)', lock, re.MULTILINE))
    other = [f'{package} is {docstrings.installed(package) or "missing"}, not {locked[package]}'
             for package in DOMAINS[domain]
             if package in locked and docstrings.installed(package) != locked[package]]
    if other:
        say(f'This is not quite the text of the records, which are therefore not shown: {"; ".join(other)}. '
            'The versions of requirements.lock have it (make lab installs them).')


def words(text):
    """The words of a text, in order: runs of at least two letters a to z, in lower case."""
    return re.findall('[a-z]{2,}', text.lower())


def _paragraphs(text):
    for block in re.split(r'\n\s*\n', text):
        yield tuple(words(block.partition('>>>')[0]))  # examples of code end with the paragraph


def _begin(lines):
    """Lines by the words that they begin with, so that few have to be compared."""
    found = {}
    for line in lines:
        found.setdefault(line[:_BEGINNING], []).append(line)
    return found


def _repeats(paragraph, lines):
    """Does one of the lines (by their beginnings) stand in the paragraph, word by word?"""
    return any(paragraph[i:i + len(line)] == line for i in range(len(paragraph) - _BEGINNING + 1)
               for line in lines.get(paragraph[i:i + _BEGINNING], ()))
