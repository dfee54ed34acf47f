"""Lists the GPU kernels of a TensorFlow build: python list-gpu-kernels.py OP... > test/gpu-kernels.json

Needs `pip install tensorflow` (not tensorflow-cpu, which has none); no GPU is needed. Kernels of the device DEFAULT serve
a GPU too. For each op: the types that each kernel allows for its type attributes.
"""

import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tensorflow  # noqa: E402
from tensorflow.core.framework import types_pb2  # noqa: E402
from tensorflow.python.framework import kernels  # noqa: E402

NEEDED = {"FLOAT", "INT32", "INT64", "BOOL", "UINT32", "UINT64"}


def constraints_of(kernel):
    found = {}
    for constraint in kernel.constraint:
        names = [types_pb2.DataType.Name(t)[len("DT_") :] for t in constraint.allowed_values.list.type]
        found[constraint.name] = sorted(name.lower() for name in names if name in NEEDED)
    return found


def kernels_of(op):
    listed = kernels.get_registered_kernels_for_op(op).kernel
    found = [constraints_of(k) for k in listed if k.device_type in ("GPU", "DEFAULT")]
    usable = [k for k in found if all(k.values())]
    return sorted({json.dumps(k, sort_keys=True) for k in usable})


lines = [f'    "{op}": [{", ".join(kernels_of(op))}]' for op in sorted(set(sys.argv[1:]))]
print(f'{{\n  "tensorflow": "{tensorflow.__version__}",\n  "kernels": {{')
print(",\n".join(lines))
print("  }\n}")
