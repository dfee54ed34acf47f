// One worker thread of the engine. It runs its share of the calls in a list, in memory that it shares with the thread
// that started it. It never returns to its event loop. It receives new memories from the port when it needs an unknown
// one.
import { createRequire } from 'node:module';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';

const { control, layout, thread, threads, spins } = workerData;
const { READY, GENERATION, SLEEPERS, MEMORY, LIST, FROM, TO } = layout;
const words = new Int32Array(control);

/** @type {Map<number, { run(list: number, from: number, to: number): void }>} */
const instances = new Map();

function receive() {
  for (let got = receiveMessageOnPort(parentPort); got; got = receiveMessageOnPort(parentPort)) {
    const { id, module, memory, scratch, native: plan } = got.message;
    if (!module) {
      instances.delete(id);
      continue;
    }
    const abort = () => {
      throw new Error('engine-wasm: a kernel aborted');
    };
    const native = plan ? bindNative(plan, memory) : abort;
    const { exports } = new WebAssembly.Instance(module, { env: { memory, abort, native } });
    exports.startThread(thread, threads, scratch, spins);
    if (plan) exports.runOutside(plan.low, plan.high);
    instances.set(id, exports);
  }
}

// As bindNative of native-kernels.ts, which a worker cannot import from sources.
function bindNative({ path, instructionSet, numbers }, memory) {
  return createRequire(import.meta.url)(path).bind(instructionSet, new Uint8Array(memory.buffer), numbers);
}

let generation = 0;
Atomics.add(words, READY, 1);
Atomics.notify(words, READY);
for (;;) {
  for (let i = 0; i < spins && Atomics.load(words, GENERATION) === generation; i++);
  if (Atomics.load(words, GENERATION) === generation) {
    Atomics.add(words, SLEEPERS, 1);
    Atomics.wait(words, GENERATION, generation);
    Atomics.sub(words, SLEEPERS, 1);
    continue;
  }
  generation = Atomics.load(words, GENERATION);
  const id = words[MEMORY];
  if (!instances.has(id)) receive();
  instances.get(id).run(words[LIST], words[FROM], words[TO]);
}
