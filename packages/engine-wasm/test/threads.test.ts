import { setTimeout } from 'node:timers/promises';
import { expectClose, float32Tolerance } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { createWasmEngine, MOST_THREADS, type WasmEngineOptions, type WasmRuntime } from '../src/index.ts';
import { STACK_GUARD } from '../src/runtime.ts';
import { loadSmallStep, smallLosses, smallStep, smallStepInputs } from './small-step.ts';

const STEPS = 20;

function trained(options: WasmEngineOptions): WasmRuntime {
  const runtime = loadSmallStep(createWasmEngine(options));
  smallLosses(runtime, STEPS);
  return runtime;
}

/** Makes a call that the last thread runs one of a kernel far outside of the table, and of the memory. */
function breakLastCall(memory: Int32Array, runtime: WasmRuntime): void {
  const call = runtime.callMemory('small').findLast(({ kernel }) => kernel === 'SUM_COLS');
  // The two words before the arguments: the kernel's number, and who runs it.
  memory.set([0x0fffffff, MOST_THREADS], (call?.address ?? 0) / 4 - 2);
}

function breakStack(memory: Int32Array): void {
  memory[memory.indexOf(STACK_GUARD)] = 0;
}

describe('createWasmEngine', () => {
  it('agrees within float32 between builds and numbers of threads, and not bit for bit', () => {
    const one = trained({ threads: 1, relaxed: false });
    const relaxed = trained({ threads: 1, relaxed: true });
    const split = trained({ threads: 3, threadsFrom: 0, relaxed: false });
    let differs = 0;
    for (const { name } of one.variables) {
      const expected = one.read(name);
      for (const other of [relaxed, split])
        expectClose(other.read(name), expected, { ...float32Tolerance, name });
      if (!relaxed.read(name).every((x, i) => x === expected[i])) differs++;
    }
    expect(differs).toBeGreaterThan(0);
  });

  it('runs a small program on one thread, without barriers', () => {
    const kernels = (options: WasmEngineOptions) =>
      createWasmEngine(options).load([smallStep()]).kernels('small');
    expect(kernels({ threads: 2 })).not.toContain('BARRIER');
    expect(kernels({ threads: 2, threadsFrom: 0 }).at(-1)).toBe('BARRIER');
  });

  it('continues after its memory was released', () => {
    const runtime = trained({ threads: 2, threadsFrom: 0 });
    runtime.dispose();
    expect(runtime.run('small', smallStepInputs(STEPS)).loss?.[0]).toBeGreaterThan(0);
  });

  it.each([
    ['traps', breakLastCall],
    ['overwrites the end of its stack', breakStack],
  ])('ends a run with an error if a worker %s, instead of waiting, and other runtimes go on', (_, damage) => {
    const other = trained({ threads: 2, threadsFrom: 0 });
    const runtime = loadSmallStep(createWasmEngine({ threads: 2, threadsFrom: 0 }));
    const { loss } = runtime.run('small', smallStepInputs(0));
    damage(new Int32Array(loss?.buffer as ArrayBuffer), runtime);
    const failed =
      'engine-wasm: a worker thread failed, which is a fault of the engine. Load the programs again';
    expect(() => runtime.run('small', smallStepInputs(1))).toThrow(failed);
    expect(() => runtime.run('small', smallStepInputs(1))).toThrow(failed);
    const [here, there] = [other, trained({ threads: 2, threadsFrom: 0 })].map((one) =>
      Number(one.run('small', smallStepInputs(STEPS)).loss?.[0]),
    );
    expect(here).toBe(there);
  });

  it('burns no core while it has nothing to do', async () => {
    trained({ threads: 2, threadsFrom: 0 });
    await setTimeout(50);
    const before = process.cpuUsage();
    await setTimeout(400);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(200);
  });

  it.each([0, 1.5, 65, Number.NaN])('refuses %d threads', (threads) => {
    expect(() => createWasmEngine({ threads })).toThrow(
      `createWasmEngine: "threads" expected integer in [1, 64], got ${threads}.`,
    );
  });
});
