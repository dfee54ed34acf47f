// Loads a TensorFlow runtime, multiplies two matrices on it and says on standard output how that went, as one line of
// JSON. It runs in a separate process, so that a library that crashes ends only that process.
const util = require('node:util');

// Read by the library when it is loaded; what goes wrong is told by an exception.
process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';
// So is this by NVIDIA's libraries: no TF32, as in prepareEnvironment.
process.env.NVIDIA_TF32_OVERRIDE ??= '0';
// Node 22 warns of it, Node 23 lacks it, and tfjs-node 4.22 calls it.
util.isNullOrUndefined = (value) => value === null || value === undefined;

const tensorflow = require(process.argv[2] ?? '');
const a = tensorflow.tensor(Float32Array.of(1, 2, 3, 4), [2, 2], 'float32');
const product = Array.from(tensorflow.matMul(a, a).dataSync());
const backend = tensorflow.backend();
const answer = {
  product,
  usesGpu: backend.isUsingGpuDevice === true,
  version: tensorflow.version?.['tfjs-node'] ?? 'unknown',
  tensorflowVersion: backend.binding?.TF_Version ?? 'unknown',
};
process.stdout.write(`\n${JSON.stringify(answer)}\n`);
