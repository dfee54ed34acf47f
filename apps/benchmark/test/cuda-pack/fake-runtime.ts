import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Writes a runtime for a GPU as `setUpTensorFlow` writes it, with tiny files that do not compress. */
export function writeFakeRuntime(cache: string): void {
  const folder = join(cache, 'tensorflow-wheel-gpu-2.18.1-linux-x64');
  const write = (path: string, contents: string | Uint8Array) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), contents);
  };
  const tfjs = 'node_modules/@tensorflow/tfjs-node';
  const manifest = {
    format: 'gru4rec-tensorflow-runtime',
    formatVersion: 1,
    source: 'wheel',
    gpu: true,
    packageName: '@tensorflow/tfjs-node',
    version: '4.22.0',
    tensorflowVersion: '2.18.1',
    platform: `${process.platform}-${process.arch}`,
    wheels: {},
    created: '2026-01-01T00:00:00.000Z',
  };
  write('runtime.json', JSON.stringify(manifest));
  write(`${tfjs}/package.json`, JSON.stringify({ version: '4.22.0', main: 'dist/index.js' }));
  write(`${tfjs}/dist/index.js`, "exports.addon = require('@mapbox/node-pre-gyp').find('package.json');");
  write(`${tfjs}/lib/napi-v8/tfjs_binding.node`, 'addon');
  write(`${tfjs}/deps/lib/libtensorflow_cc.so.2`, randomBytes(100_000));
  write(`${tfjs}/deps/lib/libtensorflow_framework.so.2`, randomBytes(50_000));
  write(`${tfjs}/deps/nvidia/cublas/lib/libcublas.so.12`, randomBytes(1000));
  write(`${tfjs}/deps/nvidia/cublas/lib/libnvblas.so.12`, randomBytes(1000));
  write(`${tfjs}/deps/nvidia/cufft/lib/libcufft.so.11`, randomBytes(1000));
}
