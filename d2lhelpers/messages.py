"""What the package says to the learner: printed lines, some of them marked for those who read a saved
notebook.
"""
import contextlib

from IPython.display import display

_quiet = False


class _Marked:
    """A text whose output in a notebook carries a mark in its metadata."""

    def __init__(self, text, mark):
        self._text, self._mark = text, mark

    def __repr__(self):
        return self._text

    def _repr_mimebundle_(self, **_):
        return {'text/plain': self._text}, {'d2lhelpers': self._mark}


def say(text, kind=None, **more):
    """Print a text.

    Parameters
    ----------
    text : str
    kind : str, optional
        Such as ``'claim'``: the output is marked with it (``metadata.d2lhelpers.kind``), so that the makers'
        tools know what it is without reading the code above it.
    **more : str, int or list of str
        Further entries of the mark.
    """
    if _quiet:
        return
    if kind:
        display(_Marked(text, {'kind': kind, **more}))
    else:
        print(text)


@contextlib.contextmanager
def quietly():
    """A context in which the package says nothing: many runs would drown a lesson in the same lines."""
    global _quiet
    before, _quiet = _quiet, True
    try:
        yield
    finally:
        _quiet = before
