// An inference thread for tests. Node 20 runs no TypeScript, and a thread does not take over what makes the first one run it.
import { register } from 'tsx/esm/api';

register();
const { createWasmEngine } = await import('@gru4rec/engine-wasm');
const { serveInference } = await import('../src/inference-thread.ts');
await serveInference(() => createWasmEngine({ threads: 1 }));
