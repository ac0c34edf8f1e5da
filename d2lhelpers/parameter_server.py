"""``python -m d2lhelpers.parameter_server``: a scheduler or a server of MXNet's parameter server.

`machines.serve` starts them. DMLC_ROLE says which of the two; importing MXNet then serves, and returns when
the training is over. They end with the process that started them, however that ends.
"""
import importlib
import os
import threading
import time

_LOOK = .5  # seconds


def _end_with(parent):
    while os.getppid() == parent:
        time.sleep(_LOOK)
    os._exit(0)  # the other threads are in MXNet, and never come back


if __name__ == '__main__':
    threading.Thread(target=_end_with, args=[int(os.environ['D2LHELPERS_PARENT'])], daemon=True).start()
    importlib.import_module('mxnet')
