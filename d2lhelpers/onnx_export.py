"""Out of MXNet: a network that was handed over, as ONNX, which other programs and languages read.

The translation is MXNet's own. It lacks one operation of np mode, addition, which is told it here.
"""
from pathlib import Path

import mxnet
import onnx
from mxnet.onnx.mx2onnx._export_onnx import MXNetGraph

from . import files
from .errors import CourseError
from .handover import ONNX, settings_of

# The newest set of operations that MXNet's translation knows. With a newer one it would write old operations
# under a new name
OPSET = 13
_IR = 8  # the file format of the time of that set

MXNetGraph.register('_npi_add')(MXNetGraph.registry_[12]['elemwise_add'])


def to_onnx(folder):
    """Write ``network.onnx`` into a folder that `d2lhelpers.handover.hand_over` has written.

    Its input ``data`` is float32, shape (pictures, 3, crop, crop), prepared as the folder's preprocessing
    says; its output ``scores`` has the shape (pictures, classes). Neither preprocessing nor temperature is in
    the file.

    Parameters
    ----------
    folder : str or pathlib.Path

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    CourseError
        If the folder holds no network handed over, or MXNet cannot translate one of its operations.
    """
    folder = Path(folder)
    side = settings_of(folder)['preprocessing']['crop']
    symbol = mxnet.sym.load(str(folder / 'network-symbol.json'))
    saved = mxnet.nd.load(str(folder / 'network-0000.params'))
    weights = {name.partition(':')[2]: array.as_nd_ndarray() for name, array in saved.items()}
    try:
        graph = MXNetGraph().create_onnx_graph_proto(
            symbol, weights, [(1, 3, side, side)], [onnx.TensorProto.FLOAT], opset_version=OPSET,
            dynamic_input_shapes=[(None, 3, side, side)])
    except AttributeError as error:  # "No conversion function registered for op type ..."
        raise CourseError(f'MXNet cannot translate this network to ONNX ({error}): replace that layer.') \
            from error
    # weights are listed as inputs too, as the format once asked; readers warn of each
    inputs = [given for given in graph.input if given.name not in weights]
    del graph.input[:]
    graph.input.extend(inputs)
    _rename(graph, graph.output[0].name, 'scores')
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid('', OPSET)],
                                   ir_version=_IR)
    onnx.checker.check_model(model)
    files.write_whole(folder / ONNX, model.SerializeToString())
    return folder / ONNX


def _rename(graph, old, new):
    """Give a tensor of a graph another name."""
    graph.output[0].name = new
    for node in graph.node:
        for names in (node.input, node.output):
            names[:] = [new if name == old else name for name in names]
