// One worker thread of the engine in a browser. The first message starts it. A browser delivers messages only to the event
// loop, so it returns there when it needs an unknown memory. Whoever starts calls in that memory has posted it before.
import { threadLoop } from './thread-loop.mjs';

/** Chromium has addresses for 124 memories, and a thread that waits collects no garbage by itself. */
const RELEASED_MEMORIES = 16;

/** @type {ReturnType<typeof threadLoop> | undefined} */
let loop;
let released = 0;

addEventListener('message', ({ data }) => {
  if (!loop) {
    loop = threadLoop(data, () => {
      throw new Error('engine-wasm: native kernels run only in Node');
    });
  } else {
    loop.receive(data);
    if (!data.memory && ++released % RELEASED_MEMORIES === 0) collectGarbage();
  }
  loop.run();
});

/** Large arrays make V8 collect garbage. They are never touched, and take 1 ms. Bundlers drop an array that nothing reads. */
function collectGarbage() {
  for (let i = 0; i < 4; i++) if (new ArrayBuffer(2 ** 28).byteLength === 0) return;
}
