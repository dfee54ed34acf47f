// One worker thread of the engine in Node. It never returns to its event loop. It receives new memories from the port when
// it needs an unknown one.
import { createRequire } from 'node:module';
import { receiveMessageOnPort, workerData } from 'node:worker_threads';
import { threadLoop } from './thread-loop.mjs';

const loop = threadLoop(workerData, createRequire(import.meta.url));
const { port } = workerData;
for (;;) {
  loop.run();
  for (let got = receiveMessageOnPort(port); got; got = receiveMessageOnPort(port)) {
    loop.receive(got.message);
  }
}
