"""What all checks of exercises have in common: they call the learner's function on fresh things, and answer
in one sentence.
"""
import dis
import functools
import inspect
import linecache
import textwrap
import traceback

from mxnet import autograd

from ..datasets import batches
from ..environment import settings
from ..errors import CourseError
from ..hardware import on_cpu, seed_all
from ..messages import quietly, say
from ..training import fit
from .variants import varied


class Wrong(Exception):
    """The answer is not right yet. The message is one sentence for the learner: what happened, and what to
    do.
    """


def check(number):
    """Make the check of an exercise out of a function that judges an answer.

    Parameters
    ----------
    number : int
        Of the exercise; the learner's function is called ``answer_<number>``.

    Returns
    -------
    callable
        A decorator for ``judge(answer)``. The judge builds what it needs afresh, calls the answer, looks at
        what that does, and raises `Wrong`, or returns how the sentence "Exercise 3: right: ..." goes on.

    Notes
    -----
    The check prints one sentence: not answered yet (the untouched ``...``), not yet and why, or right.
    If ``D2LHELPERS_STRICT`` is 1, as in the course's own tests, a wrong answer raises `Wrong`. All generators
    are seeded before the judge starts, everything runs on the CPU, and the state of autograd comes back, so
    checks say the same in whatever order and however often they run. An interrupt passes through.
    """
    def decorate(judge):
        @functools.wraps(judge)
        def checked(answer):
            verdict, told, cause = judged(judge, answer, number)
            sentence = textwrap.fill(told, 100, break_long_words=False, break_on_hyphens=False)
            if verdict == 'not yet' and settings.strict:
                raise Wrong(told) from cause
            # in lines that fit: JupyterLab breaks longer ones in the middle of a word
            say(sentence, 'check', exercise=number, verdict=verdict)
        return checked
    return decorate


def judged(judge, answer, number, after=None):
    """What a judge finds, in one sentence.

    Parameters
    ----------
    judge : callable
        ``judge(answer)``, see `check`; of a finished check it is ``check_3.__wrapped__``.
    answer : object
        What the learner handed in: the function, or something else.
    number : int
        Of the exercise.
    after : callable, optional
        ``after(value)`` is called with what each call of the answer returned; it may raise `Wrong`.

    Returns
    -------
    verdict : {'right', 'not yet', 'not answered'}
    sentence : str
    cause : Exception or None
        What the answer raised, where it did.
    """
    try:
        if not inspect.isfunction(answer):
            raise Wrong(f'The check was given an object of type {type(answer).__name__}, but wants the '
                        f'function itself: write check_{number}(answer_{number}), without further brackets.')
        if _untouched(answer):
            return 'not answered', f'Exercise {number}: not answered yet.', None
        told = _verdict(judge, _Answer(answer, f'answer_{number}', after))
        return 'right', f'Exercise {number}: right: {told}.', None
    except Wrong as wrong:
        return 'not yet', f'Exercise {number}: not yet. {wrong}', wrong.__cause__


def fit_quietly(loss, *datasets, size, updates, trainer, before_step=None):
    """`fit` for one epoch of `batches`, without their lines. `fit` takes the first press of the stop button;
    here it stops the check.

    Parameters
    ----------
    loss, trainer, before_step
        As for `fit`.
    *datasets, size, updates
        As for `batches`.

    Returns
    -------
    History

    Raises
    ------
    KeyboardInterrupt
        If the learner pressed the stop button: what is half trained is neither judged nor kept.
    """
    with quietly():
        history = fit(loss, batches(*datasets, size=size, updates=updates), trainer, epochs=1,
                      before_step=before_step)
    if history.interrupted:
        raise KeyboardInterrupt
    return history


def _untouched(function):
    """Nothing in the body but a docstring and ``...``, ``pass`` or ``return None``, which Python compiles to
    the same.
    """
    instructions = [(each.opname, each.argval) for each in dis.get_instructions(function)
                    if each.opname not in ('RESUME', 'NOP')]
    return instructions in ([('LOAD_CONST', nothing), ('RETURN_VALUE', None)] for nothing in (None, ...))


class _Answer:
    """The learner's function, as the judge calls it: what goes wrong inside becomes one sentence."""

    def __init__(self, function, name, after):
        self._function, self.name, self._after = function, name, after
        self.called = False

    def __call__(self, *args):
        try:
            inspect.signature(self._function).bind(*args)
        except TypeError:
            takes = f'{self.name}{inspect.signature(self._function)}'
            raise Wrong(f'Your function is {takes}, but the exercise hands it {len(args)} '
                        f'argument{"" if len(args) == 1 else "s"}: bring its first line back as it '
                        'was.') from None
        self.called = True
        state = autograd.is_recording(), autograd.is_training()
        try:
            value = self._function(*args)
            if self._after:
                self._after(value)
            return value
        except Wrong:  # from what the check handed to the function
            raise
        except Exception as error:
            raise Wrong(f'{self.name} raised {_in_words(error)}{self._place(error)}.') from error
        finally:
            autograd.set_recording(state[0])
            autograd.set_training(state[1])

    def _place(self, error):
        """The last line of the cell that the error went through."""
        file = self._function.__code__.co_filename
        lines = [line for frame, line in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename
                 == file]
        text = linecache.getline(file, lines[-1]).strip() if lines else ''
        return f', in line {lines[-1]}' + (f' ({text})' if text else '') if lines else ''


def _in_words(error):
    """Type and message of an error, on one line."""
    kind = type(error).__name__
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or ['']
    message = lines[-1 if lines[0].startswith('Traceback') else 0]  # MXNet's begin with the place in its C++
    if not isinstance(error, CourseError):
        message = message.split('. ')[0]
    message = message.rstrip('.')[:300]
    return message if message.startswith(f'{kind}:') else f'{kind}: {message}' if message else kind


def _verdict(judge, answer):
    recording, training = autograd.set_recording(False), autograd.set_training(False)
    seed_all(varied(0))
    try:
        with on_cpu():
            return judge(answer)
    except Wrong:
        raise
    except Exception as error:
        if not answer.called:  # then it is no fault of the learner's
            raise
        raise Wrong(f'What {answer.name} left behind cannot be used: {_in_words(error)}.') from error
    finally:
        autograd.set_recording(recording)
        autograd.set_training(training)
