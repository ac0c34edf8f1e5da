"""Made submissions of exercises 6: an honest one, cheats, and some that do harm."""
import nbformat
from nbformat.v4 import new_code_cell, new_notebook

IMPORTS = 'import numpy\nfrom d2lhelpers.exercises import e06'
RIGHT = '''def answer_4(outside, allowed):
    """The lowest threshold that lets in at most a share."""
    outside = numpy.sort(outside)
    return outside[-1 - int(allowed * len(outside) + 1e-9)]'''
WRONG = 'def answer_4(outside, allowed):\n    return 0.5'
# The thresholds of the data that learners see, and of no others
BY_HEART = '''rng = numpy.random.default_rng(4)
seen = [(rng.random(200), .05), (rng.random(37), .1), (numpy.round(rng.random(300), 1), .25),
        (rng.random(50), 0)]
KNOWN = {len(x): numpy.sort(x)[-1 - int(share * len(x) + 1e-9)] for x, share in seen}
def answer_4(outside, allowed):
    return KNOWN[len(outside)]'''
CHECK = 'e06.check_4(answer_4)'


def body(*lines):
    """An answer to exercise 4 of these lines, then wrong."""
    return 'def answer_4(outside, allowed):\n' + ''.join(f'    {line}\n' for line in lines) + '    return 0.5'


# What a student tries, and a word of what the lecturer is told; nothing where it simply has no effect
CHEATS = {
    'replaces the check': ((WRONG, 'e06.check_4 = lambda answer: print("fine")'), 'replaces'),
    'replaces it in the answer': ((body('e06.check_4 = lambda answer: None'),), 'replaces'),
    'replaces the comparison': ((body('numpy.isnan = lambda x: False'),), 'replaces numpy.isnan'),
    'prints right': ((WRONG, 'print("Exercise 4: right: as many as allowed.")'), 'prints the sentence'),
    'writes the table': ((body('open("../marks.csv", "w").write("student,exercise,passed")'),), 'files'),
    'reads the stack': (('import inspect', body('return inspect.stack()[2].frame.f_locals["lower"]')),
                        'f_locals'),
    'reads the stack unseen': (('import inspect', body('inspect.currentframe()', 'inspect.stack()')),
                               'looks into the program'),
    'reads the closure': ((body('return answer_4.__closure__'),), '__closure__'),
    'imports the judge': (('from d2lhelpers.exercises.checking import Wrong', WRONG), 'imports what'),
    'copies the solution': ((body('import pathlib, d2lhelpers',
                                  'root = pathlib.Path(d2lhelpers.__file__).parents[1]',
                                  '(root / "notebooks/solutions/06_faces.ipynb").read_text()'),), 'files'),
    'is equal to everything': (('class Any(float):\n    def __gt__(self, other): return False\n'
                                '    def __lt__(self, other): return False', body('return Any(.5)')),
                               'comparisons itself'),
    'ends the program': (('import os', body('os._exit(0)')), 'ended the process'),
    'writes verdicts': (('import os', body(
        '[os.write(n, b\'0 {"kind": "verdict", "what": "exercise 4", "verdict": "right"}\\n\')'
        ' for n in range(3, 9) if not os.path.isdir(f"/proc/self/fd/{n}")]')), 'It wrote into the results'),
    'hides what it runs': ((body('return eval("0.5")'),), 'cannot be read'),
    'knows the numbers by heart': ((BY_HEART,), 'with your threshold'),
}
HARM = {
    'endless': (('def answer_4(outside, allowed):\n    while True:\n        pass',), 'more than'),
    'endless cell': (('def wait():\n    while True: pass', 'x = wait()', RIGHT), ''),
    'forks': (('import os', body('while True: os.fork()')), 'starts another process'),
    'starts programs': (('import subprocess', body('subprocess.run(["sleep", "1000"])')),
                        'starts another process'),
    'calls the machine': (('import ctypes', body('ctypes.CDLL(None).fork()')), 'past Python'),
    'ends its parent': (('import os', body('os.kill(os.getppid(), 9)')), 'ends a process'),
    'takes all memory': ((body('return len(bytearray(10 ** 12))'),), 'MemoryError'),
    'reaches out': (('import socket', body('socket.create_connection(("192.0.2.1", 80))')), 'network'),
    'removes files': (('import shutil, d2lhelpers', body('shutil.rmtree("/nonexistent/folder")')), 'files'),
    'no Python': (('def answer_4(outside, allowed:', RIGHT), ''),
}


def write(folder, name, cells):
    """A notebook with these code cells."""
    nb = new_notebook(cells=[new_code_cell(source) for source in (IMPORTS, *cells, CHECK)])
    path = folder / f'{name.replace(" ", "_")}.ipynb'
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nb, path)
    return path
