"""Word embeddings as an object: a vector for each word, and which words are near to one."""
import difflib
import hashlib

import numpy

from .errors import CourseError


class WordVectors:
    """A row of numbers for each word of a vocabulary.

    Parameters
    ----------
    words : sequence of str
        The most frequent first, as a rule.
    rows : array, shape (words, size)

    Attributes
    ----------
    words : list of str
    rows : numpy.ndarray of float32, shape (words, size)
    number : dict of str to int
        The row of each word.

    Raises
    ------
    CourseError
        If there are not as many rows as words, or a word stands there twice.
    """

    def __init__(self, words, rows):
        self.words, self.rows = list(words), numpy.asarray(rows, dtype='float32')
        self.number = {word: i for i, word in enumerate(self.words)}
        if not len(self.words) == len(self.number) == len(self.rows):
            raise CourseError(f'There are {len(self.words)} words, {len(self.number)} of them different, and '
                              f'{len(self.rows)} rows: every word needs one row of its own.')
        lengths = numpy.linalg.norm(self.rows, axis=1, keepdims=True)
        self._directions = self.rows / numpy.maximum(lengths, 1e-9)  # an unknown word may be all zeros

    @property
    def fingerprint(self):
        """A hash of the words and of the rows, rounded: for vectors that are read from a file."""
        digest = hashlib.sha256(' '.join(self.words).encode())
        digest.update(numpy.round(1000 * self.rows).astype('<i4').tobytes())
        return digest.hexdigest()[:16]

    def __len__(self):
        return len(self.words)

    def __contains__(self, word):
        return word in self.number

    def __getitem__(self, word):
        """The row of a word."""
        return self.rows[self._place(word)]

    def nearest(self, to, n=8, without=()):
        """The words whose vectors point most nearly in the same direction (cosine).

        Parameters
        ----------
        to : str or array, shape (size,)
            A word, which is then no answer itself, or a vector.
        n : int
            How many.
        without : iterable of str
            Words that are no answers.

        Returns
        -------
        list of str
            The nearest first.

        Raises
        ------
        CourseError
            If the word has no vector.
        """
        vector = self._directions[self._place(to)] if isinstance(to, str) else numpy.asarray(to)
        order = numpy.argsort(-(self._directions @ vector), kind='stable')
        left_out = {to, *without} if isinstance(to, str) else set(without)
        # so many are enough, whatever is left out
        found = [self.words[i] for i in order[:n + len(left_out)]]
        return [word for word in found if word not in left_out][:n]

    def _place(self, word):
        if word not in self.number:
            like = difflib.get_close_matches(word, self.words, 3)
            hint = f'; near to it in spelling are {", ".join(like)}' if like else ''
            raise CourseError(f'{word!r} is none of the {len(self.words):,} words that have a vector here'
                              f'{hint}. Words are in lower case.')
        return self.number[word]
