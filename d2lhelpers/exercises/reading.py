"""The check of a reading: which of several sentences does a figure bear out, and what makes it so?"""
from .checking import Wrong
from .judging import pair


def reading(answer, readings, why):
    """Let the reading pass that a figure bears out, for the reason that carries it.

    Parameters
    ----------
    answer : object
        What the learner's function returned: a reading and a reason, such as ``('B', 2)``.
    readings : dict of str to str
        The sentences to choose between, by capital letter: why a wrong one is wrong. The right one has an
        empty string.
    why : dict of int to str
        The reasons, by number, in the same way.

    Raises
    ------
    Wrong
        If the answer has another form, or reading or reason is not the right one.
    """
    example = f'a letter and a number, such as return {min(readings)!r}, {min(why)}'
    chosen, reason = pair(answer, tuple | list, example)
    chosen = _one_of(chosen, readings, 'reading', example)
    reason = _one_of(reason, why, 'reason', example)
    if readings[chosen]:
        raise Wrong(f'Reading {chosen}: {readings[chosen]}')
    if why[reason]:
        raise Wrong(f'Reading {chosen} is right, but not because of reason {reason}: {why[reason]}')


def _one_of(said, known, what, example):
    """The key that somebody meant: 'b' is 'B', and '2' is 2."""
    found = next((key for key in known if str(key) == str(said).strip().upper()), None)
    if found is None:
        raise Wrong(f'There is no {what} {said!r}: return {example}, first the reading, then the reason.')
    return found
