import { describe, expect, it } from 'vitest';
import { checkCallMemory, memoryOfCall } from '../src/call-memory.ts';
import { createWasmEngine } from '../src/index.ts';
import { type Buffer, kernelCall } from '../src/kernel-call.ts';
import { bindTo } from '../src/module.ts';
import { smallStep } from './small-step.ts';

const buffer = (address: number, bytes = 64): Buffer => ({ bytes, persistent: false, address });
const memory = { address: 128, bytes: 512 };

function copy(src: Buffer, dst: Buffer, offset = 0) {
  return kernelCall('COPY_ROWS', { src: { buffer: src, offset }, dst, rows: 2, stride: 16 });
}

function sums(list: Buffer, behind: Buffer) {
  const rows = { list, behind: [{ buffer: behind, by: 'all', write: false }] } as const;
  return kernelCall('ROW_DOTS', { rows, m: 4, x: buffer(256), k: 4, out: buffer(320) });
}

describe('checkCallMemory', () => {
  it('accepts calls whose buffers are inside the memory, up to its last byte', () => {
    expect(() =>
      checkCallMemory('step', [copy(buffer(128), buffer(576), 32), sums(buffer(192), buffer(384))], memory),
    ).not.toThrow();
  });

  it.each([
    ['starts before the memory', copy(buffer(64), buffer(576)), '64 bytes at 64'],
    ['ends after the memory', copy(buffer(128), buffer(580)), '64 bytes at 580'],
    ['has no place yet', copy(buffer(0), buffer(576)), '64 bytes at 0'],
    ['has the rows of a list outside the memory', sums(buffer(192), buffer(1024, 8)), '8 bytes at 1024'],
  ])('refuses a buffer that %s', (_name, call, got) => {
    expect(() => checkCallMemory('step', [copy(buffer(128), buffer(576)), call], memory)).toThrow(
      `engine-wasm: call 1 of step, ${call.kernel}, expected buffers from 128 to 640, got ${got}. This is a fault of the engine`,
    );
  });

  it.each([-16, 80])('refuses an address %d bytes behind the start of its buffer of 64', (offset) => {
    expect(() => checkCallMemory('step', [copy(buffer(128), buffer(576), offset)], memory)).toThrow(
      `engine-wasm: call 0 of step, COPY_ROWS, expected addresses in its buffers, got 128 + ${offset}.`,
    );
  });

  it('refuses an address in a buffer that the call does not state to access', () => {
    const { kernel, words, runs } = copy(buffer(128), buffer(576));
    expect(() => checkCallMemory('step', [{ kernel, words, runs, touches: [] }], memory)).toThrow(
      'expected addresses in its buffers, got 128 + 0',
    );
  });
});

describe('memoryOfCall', () => {
  it('has the buffers behind row lists, and the kind of each argument', () => {
    expect(memoryOfCall(sums(buffer(192), buffer(384, 8)), 72)).toEqual({
      kernel: 'ROW_DOTS',
      address: 72,
      arguments: ['row list', 'number', 'address', 'number', 'address'],
      buffers: [
        { address: 192, bytes: 64 },
        { address: 384, bytes: 8 },
        { address: 256, bytes: 64 },
        { address: 320, bytes: 64 },
      ],
    });
  });

  it('is listed per program, with the zero rows for indices of −1', () => {
    const runtime = createWasmEngine({ threads: 1 }).load([smallStep()]);
    const calls = runtime.callMemory('small');
    expect(calls.map(({ kernel }) => kernel)).toEqual(runtime.kernels('small'));
    const addresses = calls.find(({ kernel }) => kernel === 'ROW_ADDRESSES');
    const product = calls.find(({ kernel }) => kernel === 'NN');
    const zeros = addresses?.buffers[2];
    expect(product?.buffers).toContainEqual(zeros);
    const [first, second] = calls.map(({ address }) => address);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThan(0);
  });
});

describe('bindTo', () => {
  it('refuses memory that can grow, for native kernels', () => {
    const native = { parts: { native: { path: 'none', instructionSet: 'avx2' } }, shareBytes: () => 0 };
    const growing = new WebAssembly.Memory({ initial: 1, maximum: 2 });
    expect(() => bindTo(native, growing)).toThrow(
      'engine-wasm: native kernels expected memory that cannot grow',
    );
    const fixed = new WebAssembly.Memory({ initial: 1, maximum: 1 });
    expect(() => bindTo(native, fixed)).toThrow(/Cannot find module/);
  });
});
