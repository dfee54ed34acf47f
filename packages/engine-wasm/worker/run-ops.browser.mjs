// One worker thread of the engine in a browser. The first message starts it. A browser delivers messages only to the event
// loop, so it returns there when it needs an unknown memory. Whoever starts calls in that memory has posted it before.
import { threadLoop } from './thread-loop.mjs';

/** @type {ReturnType<typeof threadLoop> | undefined} */
let loop;

addEventListener('message', ({ data }) => {
  if (!loop) {
    loop = threadLoop(data, () => {
      throw new Error('engine-wasm: native kernels run only in Node');
    });
  } else loop.receive(data);
  loop.run();
});
