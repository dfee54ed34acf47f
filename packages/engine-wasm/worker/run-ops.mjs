// One worker thread of the engine in Node. It never returns to its event loop. It receives new memories from the port when
// it needs an unknown one.
import { createRequire } from 'node:module';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { threadLoop } from './thread-loop.mjs';

const loop = threadLoop(workerData, createRequire(import.meta.url));
for (;;) {
  loop.run();
  for (let got = receiveMessageOnPort(parentPort); got; got = receiveMessageOnPort(parentPort)) {
    loop.receive(got.message);
  }
}
