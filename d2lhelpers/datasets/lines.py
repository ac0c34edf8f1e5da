"""Tasks whose examples are lines of text: a dataset that knows which text must stay unseen, and the split."""
import dataclasses
import re
import zlib
from collections import Counter, defaultdict
from typing import NamedTuple

import numpy
from mxnet import gluon

from .corpora import words
from .dataset import Dataset, _classes

_LIKE = .7  # Jaccard similarity of near duplicates
_SHORTEST, _LONGEST = 3, 25  # words


class Lines(gluon.data.Dataset):
    """Labelled lines of words as a Gluon dataset: item ``i`` is ``(words, label)``.

    Parameters
    ----------
    words : sequence of tuple of str
    labels : sequence of int
        Class of each line, from 0.

    Attributes
    ----------
    words : list of tuple of str
    labels : numpy.ndarray of int32
    """

    def __init__(self, words, labels):
        self.words, self.labels = list(words), _classes(labels)

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return self.words[i], int(self.labels[i])

    def kept(self, i):
        """Line i as bytes, for the fingerprint."""
        return ' '.join(self.words[i]).encode()

    def pick(self, places):
        """The lines at the given places, as `Lines`."""
        return Lines([self.words[i] for i in places], self.labels[places])


@dataclasses.dataclass(frozen=True)
class LineDataset(Dataset):
    """A dataset of lines of docstrings.

    Attributes
    ----------
    held_out : frozenset of str
        Where the validation and test lines come from, as `owner` names it.
    held_out_lines : tuple of tuple of str
        The validation and test lines as they stand in the docstrings, before words were taken out.
    owner : callable
        ``owner(docstring)`` names the whole that is never divided between the parts.
    """

    held_out: frozenset = frozenset()
    held_out_lines: tuple = ()
    owner: callable = None

    def is_held_out(self, docstring):
        """Must no embedding see this docstring?"""
        return bool(self.held_out) and self.owner(docstring) in self.held_out


class Candidate(NamedTuple):
    """A line that may become an example."""

    line: tuple  # its words, those that would give the label away taken out
    label: int
    owner: str
    sentence: tuple  # all its words, as they stand in the docstring


def first_sentence(text):
    """The first sentence of a text, without the markup of Sphinx and without names of code: what has a point
    or an underscore inside.
    """
    paragraph = ' '.join(re.split(r'\n\s*\n', text.strip())[0].split())
    sentence = re.split(r'\.(?:\s|$)', paragraph)[0]
    return re.sub(r'\S*\w[._]\w\S*|:[\w+:-]+:|`', ' ', sentence)


def candidate(sentence, label, owner, taken_out):
    """A `Candidate` made of a sentence, or None if it is too short or too long; `taken_out` are words that
    would give the label away.
    """
    whole = tuple(words(sentence))
    line = tuple(word for word in whole if word not in taken_out)
    return Candidate(line, label, owner, whole) if _SHORTEST <= len(line) <= _LONGEST else None


def split(name, candidates, classes, each, owner, about):
    """A dataset out of candidates, without near duplicates.

    Whole owners go to a part, in an order that only depends on their names; the largest stay in training.

    Parameters
    ----------
    name : str
    candidates : list of Candidate
    classes : sequence of str
    each : dict of str to int
        Lines of each class for ``'test'`` and ``'validation'``; all others are for training.
    owner : callable
        As in `LineDataset`.
    about : str

    Returns
    -------
    LineDataset
    """
    owners = defaultdict(list)
    for each_one in without_near_duplicates(candidates):
        owners[each_one.owner].append(each_one)
    parts, held_out = {'test': [], 'validation': [], 'train': []}, set()
    missing = {part: dict.fromkeys(range(len(classes)), n) for part, n in each.items()}
    for who in sorted(owners, key=lambda who: (zlib.crc32(who.encode()), who)):
        part = next((part for part, n in each.items() if len(owners[who]) <= n / 3
                     and any(missing[part][one.label] > 0 for one in owners[who])), 'train')
        for one in owners[who]:
            # what a part does not need any more is dropped: its neighbours are in that part
            if part == 'train' or missing[part][one.label] > 0:
                parts[part].append(one)
                if part != 'train':
                    missing[part][one.label] -= 1
        if part != 'train':
            held_out.add(who)
    unseen = tuple(one.sentence for part in each for one in parts[part])
    return LineDataset(name, classes=list(classes), about=about, held_out=frozenset(held_out),
                       held_out_lines=unseen, owner=owner,
                       **{part: Lines([one.line for one in found], [one.label for one in found])
                          for part, found in parts.items()})


def without_near_duplicates(candidates):
    """The candidates that share fewer words with every earlier one than near duplicates do.

    Two lines whose sets of words have a Jaccard similarity of `_LIKE` or more have a word in common among the
    rarest of either, so only those are looked up.
    """
    frequency = Counter(word for each in candidates for word in set(each.line))
    kept, by_word = [], defaultdict(list)
    for each in candidates:
        own = set(each.line)
        rarest = sorted(own, key=lambda word: (frequency[word], word))
        rarest = rarest[:len(own) - int(numpy.ceil(_LIKE * len(own) - 1e-9)) + 1]
        rivals = {id(rival): rival for word in rarest for rival in by_word[word]}.values()
        if not any(len(own & rival) >= _LIKE * len(own | rival) for rival in rivals):
            kept.append(each)
            for word in rarest:
                by_word[word].append(own)
    return kept
