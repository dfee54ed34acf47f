// One worker thread of the engine. It runs its share of the calls in a list, in memory that it shares with the thread
// that started it. It never returns to its event loop. It receives new memories from the port when it needs an unknown
// one.
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';

const { control, layout, thread, threads, spins } = workerData;
const { READY, GENERATION, SLEEPERS, MEMORY, LIST, FROM, TO } = layout;
const words = new Int32Array(control);

/** @type {Map<number, { run(list: number, from: number, to: number): void }>} */
const instances = new Map();

function receive() {
  for (let got = receiveMessageOnPort(parentPort); got; got = receiveMessageOnPort(parentPort)) {
    const { id, module, memory, scratch } = got.message;
    if (!module) {
      instances.delete(id);
      continue;
    }
    const abort = () => {
      throw new Error('engine-wasm: a kernel aborted');
    };
    const { exports } = new WebAssembly.Instance(module, { env: { memory, abort } });
    exports.startThread(thread, threads, scratch, spins);
    instances.set(id, exports);
  }
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
