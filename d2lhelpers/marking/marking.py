"""Marks a folder of submissions: a process for each, and once more without whatever ended it."""
import contextlib
import dataclasses
import hashlib
import json
import os
import secrets
import select
import signal
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

from ..environment import settings
from ..files import write_whole
from ..provenance import file_hash
from . import report, sandbox, submissions
from .worker import sign

_START_SECONDS = 600  # until the course is imported: a busy machine may be slow
_MOST_BYTES = 10 ** 6  # that a worker may tell
_MOST_ROUNDS = 60  # processes for one submission


@dataclasses.dataclass(frozen=True)
class Rules:
    """What is the same for all submissions.

    Attributes
    ----------
    seed : int or None
        Of the hidden data of the checks; None for those that learners get.
    seconds : float
        Of computing, for each exercise and for each cell. What only waits has ten times as long.
    gigabytes : float
        Of memory.
    """

    seed: int | None = None
    seconds: float = 120
    gigabytes: float = 8


@dataclasses.dataclass(frozen=True)
class Mark:
    """What was found of an exercise, or of a cell.

    Attributes
    ----------
    what : str
        ``'exercise 3'`` or ``'cell [5]'``.
    verdict : str
        ``'right'``, ``'not yet'``, ``'not answered'``, ``'caught'``, ``'broken'`` or ``'not marked'``.
    sentence : str
    seconds : float
    """

    what: str
    verdict: str
    sentence: str
    seconds: float


def mark(folder, out, rules, jobs):
    """Mark all submissions of a folder, and write ``marks.csv`` and a page for each student.

    Parameters
    ----------
    folder, out : Path
        Where the submissions are, and where the marks go.
    rules : Rules
    jobs : int
        How many at once.

    Returns
    -------
    dict of Submission to list of Mark

    Raises
    ------
    CourseError
        If there is no submission.

    Notes
    -----
    What is finished stands in ``out/finished``: after an interrupt the same command goes on from there. A
    submission, a seed or a check that has changed is marked anew.
    """
    found = submissions.find(folder)
    (out / 'finished').mkdir(parents=True, exist_ok=True)
    print(f'{len(found)} notebooks, {sandbox.walls()}.')
    if rules.seed is None:
        print('The checks use the data that learners have seen: --seed NUMBER draws hidden ones.')
    sandbox.adopt()
    marks = {each: known for each in found if (known := _known(each, out, rules)) is not None}
    if marks:
        print(f'{len(marks)} of them are marked already.')
    pool = ThreadPoolExecutor(jobs)
    try:
        waiting = {pool.submit(_one, each, rules): each for each in found if each not in marks}
        for done in as_completed(waiting):
            each = waiting[done]
            marks[each] = done.result()
            if all(every.verdict != 'not marked' for every in marks[each]):  # else the next time tries again
                write_whole(_file(each, out, rules),
                            json.dumps([dataclasses.asdict(every) for every in marks[each]]))
            right = sum(every.verdict == 'right' for every in marks[each])
            print(f'{each.name}: {right} right of '
                  f'{sum(every.what.startswith("exercise") for every in marks[each])}', flush=True)
    finally:
        pool.shutdown(cancel_futures=True)
        # also after an interrupt; from memory, not from what somebody may have written meanwhile
        report.write({each: marks[each] for each in found if each in marks}, out, rules)
    return marks


def _file(submission, out, rules):
    """Where the marks of a submission are kept, by everything they depend on."""
    code = ''.join(map(file_hash, sorted((settings.root / 'd2lhelpers').rglob('*.py'))))
    everything = submission.content + f'{submission.name}{rules}{code}'.encode()
    return out / 'finished' / f'{hashlib.sha256(everything).hexdigest()[:32]}.json'


def _known(submission, out, rules):
    with contextlib.suppress(OSError, ValueError, TypeError):
        return [Mark(**each) for each in json.loads(_file(submission, out, rules).read_text())]


def _one(submission, rules):
    """The marks of one submission."""
    if submission.problem:
        return [Mark('notebook', 'broken', submission.problem, 0)]
    marks, left_out, exercises = {}, set(), []
    for _ in range(_MOST_ROUNDS):  # each does all that is left, or leaves one more thing out
        if exercises and marks.keys() >= set(exercises):
            break
        what, began, ended = _round(submission, rules, marks, left_out, exercises)
        if not ended:
            break
        left_out.add(what)
        verdict = 'not marked' if what == 'notebook' else 'broken' if what.startswith('cell') else 'not yet'
        marks.setdefault(what, Mark(what, verdict, ended, time.monotonic() - began))
        if what == 'notebook':
            break
    return sorted(marks.values(), key=lambda each: (each.what.startswith('exercise'), len(each.what),
                                                    each.what))


def _round(submission, rules, marks, left_out, exercises):
    """Run the submission without what was left out or has been judged. What is found is added to the marks,
    and to the list of exercises which there are.

    Returns
    -------
    what, began : str, float
        What was running last, and since when.
    ended : str
        What ended it, or nothing if all is done.
    """
    key, what, began = secrets.token_hex(32), 'notebook', time.monotonic()
    judged = {each for each in marks if each.startswith('exercise')}
    job = {'key': key, 'seed': rules.seed, 'lesson': submission.lesson, 'cells': submission.cells,
           'without': [*left_out | judged], 'seconds': rules.seconds,
           'limits': sandbox.limits(rules.gigabytes)}
    with sandbox.worker() as process:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(f'{json.dumps(job)}\n'.encode())
            process.stdin.flush()
        try:
            for line in _lines(process, 10 * rules.seconds):
                message = _believed(line, key)
                if message is None:
                    return what, began, 'It wrote into the results of the process that marks it.'
                kind, what = message['kind'], message.get('what', what)
                if kind == 'done':
                    return what, began, ''
                if kind == 'ready':
                    exercises[:] = [f'exercise {number}' for number in message['exercises']]
                if kind in ('ready', 'begins'):
                    began = time.monotonic()
                    continue
                sentence = f'Caught: it {message["sentence"]}.' if kind == 'caught' else message['sentence']
                marks.setdefault(what, Mark(what, message.get('verdict', kind), sentence,
                                            time.monotonic() - began))
                if kind == 'caught':
                    left_out.add(what)
        except TimeoutError:
            return what, began, (f'It waited for more than {10 * rules.seconds:g} seconds, and was stopped.'
                                 if what != 'notebook' else 'The process did not get ready.')
        except OverflowError:
            return what, began, 'It wrote more than a worker has to tell.'
    if what in left_out:  # caught, and the process ended itself: what is left goes to a fresh one
        return what, began, marks[what].sentence
    return what, began, _how(process.returncode, rules)


def _lines(process, seconds):
    """What the worker writes, line by line.

    Raises
    ------
    TimeoutError, OverflowError
        If nothing comes for so many seconds, or too much.
    """
    rest, told, source = b'', 0, process.stdout.fileno()
    while True:
        if not select.select([source], [], [], seconds if told else _START_SECONDS)[0]:
            raise TimeoutError
        chunk = os.read(source, 2 ** 16)
        told += len(chunk)
        if told > _MOST_BYTES:
            raise OverflowError
        if not chunk:
            return
        *lines, rest = (rest + chunk).split(b'\n')
        yield from lines


def _believed(line, key):
    """What a line says, if its signature is right."""
    signature, _, text = line.partition(b' ')
    right = sign(key, text.decode(errors='replace')).encode()
    return json.loads(text) if secrets.compare_digest(signature, right) else None


def _how(code, rules):
    """How the process ended before it was done."""
    number = -code if code < 0 else code - 128  # bubblewrap says it like a shell
    if number == signal.SIGXCPU:
        return f'It took more than {rules.seconds:g} seconds of computing, and was stopped.'
    if number > 0:
        return f'It ended the process (signal {number}: {signal.strsignal(number)}); out of memory?'
    return f'It ended the process that marks it (exit status {code}).'
