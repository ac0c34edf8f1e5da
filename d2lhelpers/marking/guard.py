"""What a submission may not do, and how it is noticed: by reading its code, by Python's audit events while it
runs, and by comparing the libraries before and after.

In Python no guard inside the process is perfect. This one is for what people try; against harm there are the
walls of the `sandbox`, and the verdict comes with a signature (`worker`).
"""
import ast
import os
import re
import sys
import sysconfig
import types
from pathlib import Path

from ..environment import settings

_INSIDE = re.compile(r'__(closure|code|globals|wrapped|subclasses|builtins|defaults|kwdefaults)__'
                     r'|cell_contents|_getframe|(f|tb|gi|cr)_(back|locals|globals|frame|code)')
_COMPARES = ('__eq__', '__ne__', '__lt__', '__gt__', '__le__', '__ge__', '__sub__', '__rsub__', '__abs__',
             '__float__', '__array__', '__array_ufunc__', '__array_function__', '__hash__')
_JUDGES = re.compile(r'd2lhelpers\.(marking\b|exercises\.('
                     r'(checking|judging|reading|design|variants)\b|\w+\._))')
_HIDES = {'exec', 'eval', 'compile', '__import__', 'globals', 'vars'}
_FRAMES = {'sys._getframe', 'sys._current_frames', 'sys._current_exceptions', 'sys.settrace',
           'sys.setprofile', 'gc.get_objects', 'gc.get_referrers', 'gc.get_referents', 'sys.addaudithook'}
_PROCESSES = {'os.fork', 'os.forkpty', 'os.exec', 'os.posix_spawn', 'os.spawn', 'os.system', 'os.startfile',
              'subprocess.Popen', 'pty.spawn'}
_KILLS = {'os.kill', 'os.killpg', 'signal.pthread_kill'}
_FILES = {'os.remove', 'os.rename', 'os.rmdir', 'os.mkdir', 'os.chmod', 'os.chown', 'os.link', 'os.symlink',
          'os.truncate', 'os.utime', 'os.listdir', 'os.scandir', 'os.chdir', 'os.walk'}
_LIBRARIES = ('d2lhelpers', 'mxnet', 'numpy', 'builtins', 'inspect', 'dis', 'functools', 'math', 'json',
              'hmac', 'random')
_EVENTS = {'sys', 'gc', 'os', 'subprocess', 'pty', 'socket', 'ctypes', 'open', 'shutil', 'signal', 'object',
           'resource'}
_PYTHON = sysconfig.get_path('stdlib')
_PACKAGES = {sysconfig.get_path('purelib'), sysconfig.get_path('platlib')}


class Refused(PermissionError):
    """The submission did what it may not while it is marked."""


def suspicious(tree):
    """What the code of a cell says that no answer needs.

    Parameters
    ----------
    tree : ast.Module

    Returns
    -------
    str
        How "it ..." goes on, or nothing.
    """
    for node in ast.walk(tree):
        name = getattr(node, 'attr', None) or getattr(node, 'id', None)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            name = node.value
        if name and re.search(r'Exercise \d+: right', name):
            return 'prints the sentence of a check'
        if name and _INSIDE.fullmatch(name):
            return f'looks into functions and frames ({name})'
        if isinstance(node, ast.Name) and node.id in _HIDES:
            return f'runs code that cannot be read ({node.id})'
        if (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
                and re.fullmatch(r'e\d\d', node.value.id) and node.attr.startswith('_')):
            return f'reads what the check keeps to itself ({node.value.id}.{node.attr})'
        modules = ([f'{node.module}.{alias.name}' for alias in node.names] if isinstance(node, ast.ImportFrom)
                   else [alias.name for alias in node.names] if isinstance(node, ast.Import) else [])
        judges = [module for module in modules if _JUDGES.match(module)]
        if judges:
            return f'imports what the check is made of ({judges[0]})'
    return ''


class Watch:
    """Watches a process from now on, to its end: audit hooks cannot be taken off.

    Parameters
    ----------
    folder : Path
        Where the submission may read and write.
    is_mine : callable
        Whether a file name, as code has it, is a cell of the submission.
    """

    def __init__(self, folder, is_mine):
        self.caught = ''  # the first thing that was noticed, how "it ..." goes on
        self._folder, self._is_mine, self._busy = os.path.realpath(folder), is_mine, False
        self._before = dict(_state())
        sys.addaudithook(self._heard)

    def look(self):
        """Notice what was replaced in the libraries and the checks."""
        now = dict(_state())
        for key, value in self._before.items():
            if now.get(key) is not value:
                self._notice(f'replaces {".".join(key)}')

    def returned(self, value):
        """Notice an answer that only looks like one, and what a call has replaced.

        Parameters
        ----------
        value : object
            What the answer returned.
        """
        self.look()
        parts = (value.values() if type(value) is dict else value if type(value) in (list, tuple)
                 else [value])
        for kind in {type(each) for each in parts}:
            own = [base for base in kind.__mro__
                   if getattr(sys.modules.get(base.__module__), base.__qualname__, None) is not base]
            if any(name in vars(base) for base in own for name in _COMPARES):
                self._notice(f'returns a {kind.__name__}, which answers comparisons itself')

    def _notice(self, what):
        self.caught = self.caught or what

    def _heard(self, event, arguments):
        if self._busy or event.partition('.')[0] not in _EVENTS:
            return
        self._busy = True
        try:
            what = self._judge(event, arguments)
        finally:
            self._busy = False
        if what:
            raise Refused(f'the submission {what}, which it may not while it is marked')

    def _judge(self, event, arguments):
        """What the event is, if it is refused; it is noticed if the submission itself asked."""
        what, whoever = '', False
        if event in _FRAMES or event == 'object.__getattr__' and _INSIDE.fullmatch(str(arguments[1])):
            what = f'looks into the program that marks it ({event})'
        elif event == 'object.__setattr__' and _INSIDE.fullmatch(str(arguments[1])):
            what = f'changes code ({arguments[1]})'
        elif event in _PROCESSES:
            what, whoever = f'starts another process ({event})', True
        elif event in _KILLS:
            what, whoever = f'ends a process ({event})', True
        elif event in ('resource.setrlimit', 'resource.prlimit'):
            what = 'changes its limits'
        elif event.startswith('socket.') and event not in ('socket.__new__', 'socket.gethostname'):
            what, whoever = 'tries to reach the network', True
        elif event.startswith('ctypes.'):
            what = f'calls the machine past Python ({event})'
        elif event == 'open' or event in _FILES or event.startswith('shutil.'):
            place, whoever = self._place(arguments), self._is_course(arguments)
            what = f'opens or changes files outside of its folder ({place})' if place else ''
        if not what:
            return ''
        mine = self._is_asking()
        if mine:
            self._notice(what)
        return what if mine or whoever else ''

    def _place(self, arguments):
        """A path outside of the folder, or nothing."""
        path = next((each for each in arguments if isinstance(each, str | bytes | os.PathLike)), None)
        if path is None:  # a number: a file that is open
            return ''
        path = os.path.realpath(os.fsdecode(path))
        inside = path == os.devnull or path.startswith(self._folder + os.sep) or path == self._folder
        return '' if inside else path

    def _is_course(self, arguments):
        """Whoever asks: solutions, and what others have handed in, are not read."""
        place = self._place(arguments)
        return Path(place).is_relative_to(settings.root / 'notebooks') if place else False

    def _is_asking(self):
        """Whether the nearest code that is not Python's own is that of the submission."""
        frame = sys._getframe(3)
        while frame:
            file = frame.f_code.co_filename
            if self._is_mine(file):
                return True
            own = (file.startswith(_PYTHON) and not any(map(file.startswith, _PACKAGES))
                   or file.startswith('<frozen'))
            # an import reads files, and starts what the library needs
            if not own or 'importlib' in file:
                return False
            frame = frame.f_back
        return False


def _state():
    """Everything in the libraries that can be called, with its code, by where it stands."""
    for module, content in list(sys.modules.items()):
        if module.partition('.')[0] not in _LIBRARIES or not isinstance(content, types.ModuleType):
            continue
        for name, value in list(vars(content).items()):
            if isinstance(value, types.FunctionType):
                yield (module, name), value
                yield (module, name, '__code__'), value.__code__
            elif isinstance(value, type) and module.startswith(('d2lhelpers', 'mxnet.gluon')):
                yield (module, name), value
                for member, inside in list(vars(value).items()):
                    if callable(inside):
                        yield (module, name, member), inside
            elif callable(value):
                yield (module, name), value
