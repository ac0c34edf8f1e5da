"""One contestant, in a process of its own: it makes itself ready, then does a round for each line read."""
import json
import re
import sys
import time
from pathlib import Path

from .tasks import TASKS


def contest(prepared):
    """``prepared(folder, task, way)`` returns what does one round, and how many examples a round has."""
    folder, task, way = sys.argv[1:]
    one_round, examples = prepared(Path(folder), TASKS[task], way)
    one_round()  # the first chooses algorithms and compiles; the process has only that and imports behind it
    say(examples=examples, begun=time.process_time())
    for _ in sys.stdin:
        began = time.process_time()
        one_round()
        say(cpu=time.process_time() - began, memory=peak())


def peak():
    """Most memory so far, in MB; getrusage would count what the parent had before this program began."""
    return int(re.search(r'VmHWM:\s+(\d+)', Path('/proc/self/status').read_text())[1]) / 1024


def say(**what):
    print(json.dumps(what), flush=True)
