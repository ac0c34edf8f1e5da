"""Film reviews, good or bad: the text of the full profile (IMDb, Maas et al. 2011), and word vectors that
others have learned (GloVe, Pennington et al. 2014). Neither is passed on by the course.
"""
import io
import re
import tarfile
import zipfile
from pathlib import PurePosixPath

from .. import files
from ..errors import CourseError
from ..messages import say
from ..word_vectors import WordVectors
from .corpora import Corpus, words
from .lines import LineDataset, Lines

CLASSES = ('bad', 'good')
LONGEST = 200  # words of a review that count: the first ones
_FOLDERS = {'neg': 0, 'pos': 1}
_TEST, _VALIDATION = 1000, 250  # of each class
_PLACE = re.compile(r'(train|test)/(neg|pos|unsup)/[^/]+\.txt$')


def load_reviews():
    """Is the review of a film good or bad? Reviews of IMDb, and those without a label as text to learn from.

    Returns
    -------
    LineDataset
        1,000 test and 250 validation reviews of each class (fewer where the copy has fewer), all others to
        train; the first 200 words of each.
    Corpus
        The reviews that nobody has labelled.

    Raises
    ------
    CourseError
        If they are not there and cannot be fetched, or the copy is not what it should be.
    """
    found, unlabelled = {'train': [], 'test': []}, []
    path = files.get(files.REVIEWS)[1]
    for part, kind, text in sorted(_texts(path)):
        line = tuple(words(text.replace('<br />', ' ')))
        if kind == 'unsup':
            unlabelled.append(line)
        elif line:
            found[part].append((line[:LONGEST], _FOLDERS[kind]))
    if not unlabelled or any({label for _, label in lines} != {0, 1} for lines in found.values()):
        raise CourseError(f'{path} is not the film reviews: there must be texts in train/pos, train/neg, '
                          'train/unsup, test/pos and test/neg.')
    least = min(sum(label == k for _, label in found['train']) for k in _FOLDERS.values())
    validation, train = _first(found['train'], min(_VALIDATION, least // 4))
    test, _ = _first(found['test'], _TEST)
    data = LineDataset('film reviews', **{name: Lines(*zip(*lines, strict=True)) for name, lines in
                                          (('train', train), ('validation', validation), ('test', test))},
                       classes=list(CLASSES), about='film reviews of IMDb, the first words of each')
    return data.introduce(), Corpus('reviews', list(dict.fromkeys(unlabelled)))


def load_glove(wanted):
    """GloVe vectors of 50 numbers, for the words that are wanted.

    Parameters
    ----------
    wanted : set of str

    Returns
    -------
    WordVectors

    Raises
    ------
    CourseError
        If the file is not there and cannot be fetched, or is not what it should be.
    """
    path = files.get(files.GLOVE)[1]
    found, rows = [], []
    with _opened(path) as lines:
        for line in lines:
            word, _, numbers = line.partition(' ')
            if word in wanted:
                found.append(word)
                rows.append(numbers.split())
    if not rows or {len(row) for row in rows} != {50}:
        raise CourseError(f'{path} has no vectors of 50 numbers for the words of this text: each line must '
                          'be a word and 50 numbers, with blanks between.')
    say(f'GloVe: {len(found):,} of {len(wanted):,} words have a vector.')
    return WordVectors(found, [[float(number) for number in row] for row in rows])


def _texts(path):
    """Part, kind and text of each review, in a folder or in the archive as it is."""
    if path.is_dir():
        for file in path.rglob('*.txt'):
            place = _PLACE.search(file.as_posix())
            if place:
                yield place[1], place[2], file.read_text(encoding='utf-8')
        return
    try:
        with tarfile.open(path, 'r|gz') as archive:  # as a stream: it has 100,000 members
            for member in archive:
                place = _PLACE.search(member.name)
                if place and member.isfile():
                    yield place[1], place[2], archive.extractfile(member).read().decode('utf-8')
    except (tarfile.TarError, EOFError, OSError) as error:
        raise CourseError(f'{path} is not the archive of film reviews, or it is damaged ({error}): delete it '
                          'and fetch it again.') from error


def _first(lines, each):
    """The first so many lines of each class, and all the others."""
    left, chosen, others = dict.fromkeys(_FOLDERS.values(), each), [], []
    for line in lines:
        (chosen if left[line[1]] > 0 else others).append(line)
        left[line[1]] -= 1
    return chosen, others


def _opened(path):
    """The lines of the file of vectors, also inside of its archive."""
    if path.suffix != '.zip':
        return open(path, encoding='utf-8')
    try:
        archive = zipfile.ZipFile(path)
        name = next(name for name in archive.namelist()
                    if PurePosixPath(name).name in ('vec.txt', 'glove.6B.50d.txt'))
    except (zipfile.BadZipFile, StopIteration) as error:
        raise CourseError(f'{path} is not the archive of GloVe vectors (it has no vec.txt): delete it and '
                          'fetch it again.') from error
    return io.TextIOWrapper(archive.open(name), encoding='utf-8')
