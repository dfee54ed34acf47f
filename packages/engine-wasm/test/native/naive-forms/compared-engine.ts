import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { type CallMemory, createWasmEngine, type WasmEngineOptions } from '@gru4rec/engine-wasm';
import type { Engine } from '@gru4rec/program';
import { addonFile, buildFolder, isAddonCurrent, thisPlatform } from '../../../scripts/native-build.mjs';
import { kernelTable, OP_WORDS } from '../../../src/kernel-table.ts';
import { findNativeKernels } from '../../../src/native/index.ts';

type Run = (list: number, from: number, to: number, ...thread: [number, number, number]) => boolean;

interface Addon {
  readonly instructionSets: readonly string[];
  shareBytes(set: string, kernel: number, given: Int32Array): number;
  bind(set: string, memory: Uint8Array): Run;
}

/** The fast kernels, and the addon in which the kernels with a naive form are naive. */
export interface BothForms {
  readonly fast: Addon;
  readonly naive: Addon;
  /** Of the fast kernels; `plain` and `relaxed` are WebAssembly's. */
  readonly sets: readonly string[];
}

const require = createRequire(import.meta.url);
const path = fileURLToPath(new URL('addon.cjs', import.meta.url));

/** Compiles the naive kernels if a source has changed. @returns why there are none, where nothing can be compiled. */
export function bothForms(): BothForms | string {
  const state = findNativeKernels();
  if (!state.kernels) return state.reason;
  const folder = buildFolder(`${thisPlatform}-naive`);
  if (!isAddonCurrent(folder)) {
    const script = fileURLToPath(new URL('../../../scripts/build-native.mjs', import.meta.url));
    const compiler = `${process.env.CC ?? 'cc'} -DNAIVE`;
    const args = [script, '--output', folder, '--compiler', compiler];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if (status === 3) return stderr.trim();
    if (status !== 0) throw new Error(stderr);
  }
  const [fast, naive] = [require(state.kernels.path), require(addonFile(folder))] as [Addon, Addon];
  return { fast, naive, sets: [...fast.instructionSets, 'plain', 'relaxed'] };
}

const kernels = Object.entries<{ readonly arguments: Readonly<Record<string, string>> }>(kernelTable.kernels);
const written = ['write', 'write?', 'write first', 'scatter', 'scatter?'];
/** Kernels that write integers, or floats as they are. */
const exact = ['UNIQUE_INDICES', 'RANK_SHARES', 'TOP_SHARES', 'RANK_PRODUCT', 'SCREEN_TOP'];
/** What both forms use, each in its own way. */
const scratch = ['RANK_PRODUCT parts'];
/** Lists, whose padding sets with vectors of four change. */
const lists = ['TOP_SHARES parts', 'SCREEN_TOP lists'];
/** Allowed difference relative to the largest value of a buffer. */
const TOLERANCE = 2e-5;
/** NaN of arithmetic. With other bits it is what padding contained, which only one of both may pass on. */
const plainNaN = [0x7fc00000, 0xffc00000 | 0];
/** The engine uses no memory before this address; WebAssembly has its stack and constants there. */
const FIRST_PAGE = 65_536;

/** How many calls were compared, by kernel. */
export type Compared = Map<string, number>;

/**
 * An engine that runs each call by the kernel of a set and by the naive form, on the same memory, and throws if what they write
 * differs. One thread runs the shares of all threads in turn. A set has one such engine at a time.
 */
export function comparedEngine(
  { fast, naive }: BothForms,
  set: string,
  compared: Compared,
  options: WasmEngineOptions,
): Engine {
  let calls = new Map<number, CallMemory>();
  const bind = (_set: string, memory: Uint8Array): Run => {
    const run = set in wasmFiles ? bindWasm(set, memory) : fast.bind(set, memory);
    const [before, other] = [new Uint8Array(memory.length), new Uint8Array(memory.length)];
    const runNaive = naive.bind(naive.instructionSets[0] ?? '', other);
    const described = new Map<number, CallMemory>();
    calls = described;
    return (list, from, to, _thread, threads, spins) => {
      for (let op = from; op < to; op++) {
        const call = described.get(list + 4 * (OP_WORDS * op + 2));
        if (!call) throw new Error(`compared engine: no call is at op ${op}`);
        if (call.kernel === 'BARRIER') continue;
        before.set(memory);
        other.set(memory);
        for (const form of [run, runNaive])
          for (let thread = 0; thread < threads; thread++) form(list, op, op + 1, thread, threads, spins);
        compared.set(call.kernel, (compared.get(call.kernel) ?? 0) + 1);
        compareCall(set, call, { before, fast: memory, naive: other });
      }
      return true;
    };
  };
  const engine = createWasmEngine({ ...options, native: { path, instructionSet: fillAddon(fast, bind) } });
  return {
    name: engine.name,
    load(programs) {
      Object.assign(require(path), { bind });
      const runtime = engine.load(programs);
      const names = [...programs.map(({ name }) => name), ...runtime.ownPrograms];
      for (const call of names.flatMap((name) => runtime.callMemory(name))) calls.set(call.address, call);
      return runtime;
    },
  };
}

/** @returns an instruction set that the engine accepts. */
function fillAddon(fast: Addon, bind: Addon['bind']): string {
  Object.assign(require(path), { ...fast, bind });
  return fast.instructionSets[0] ?? '';
}

const wasmFiles: Readonly<Record<string, string>> = {
  plain: 'kernels.wasm',
  relaxed: 'kernels-relaxed.wasm',
};

/** WebAssembly cannot work in a given array: it works on a copy. */
function bindWasm(set: string, memory: Uint8Array): Run {
  const file = new URL(`../../../wasm/${wasmFiles[set]}`, import.meta.url);
  const pages = memory.length / 65_536;
  const own = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file)), {
    env: { memory: own },
  });
  const [inside, outside] = [new Uint8Array(own.buffer, FIRST_PAGE), memory.subarray(FIRST_PAGE)];
  return (...call) => {
    inside.set(outside);
    const done = (instance.exports as unknown as { run: Run }).run(...call);
    outside.set(inside);
    return done;
  };
}

/** The memory before a call, and what each form makes of it. */
interface Memories {
  readonly before: Uint8Array;
  readonly fast: Uint8Array;
  readonly naive: Uint8Array;
}

/** @throws Error if the fast kernel has left something else where the naive form has written. */
function compareCall(set: string, { kernel, address, buffers }: CallMemory, memories: Memories): void {
  const kinds = Object.entries(kernels.find(([name]) => name === kernel)?.[1].arguments ?? {});
  const words = new Int32Array(memories.fast.buffer, address, kinds.length);
  for (const [i, [name, kind]] of kinds.entries()) {
    const [at, argument] = [words[i] ?? 0, `${kernel} ${name}`];
    if (!written.includes(kind) || at === 0 || scratch.includes(argument)) continue;
    if (!set.startsWith('avx') && lists.includes(argument)) continue;
    for (const buffer of buffers) {
      if (at < buffer.address || at >= buffer.address + buffer.bytes) continue;
      const range = { at, length: (buffer.address + buffer.bytes - at) >> 2 };
      const problem = differenceOf(memories, range, exact.includes(kernel) ? 0 : TOLERANCE);
      if (problem) throw new Error(`${set} ${argument}${problem}`);
    }
  }
}

function differenceOf(
  { before, fast, naive }: Memories,
  { at, length }: { readonly at: number; readonly length: number },
  tolerance: number,
): string | undefined {
  const [old, a, b] = [before, fast, naive].map(({ buffer }) => new Int32Array(buffer, at, length));
  const [x, y] = [fast, naive].map(({ buffer }) => new Float32Array(buffer, at, length));
  if (!old || !a || !b || !x || !y) return undefined;
  const largest = y.reduce((most, v) => (Number.isFinite(v) ? Math.max(most, Math.abs(v)) : most), 0);
  for (let i = 0; i < length; i++) {
    if (a[i] === b[i] || old[i] === b[i]) continue;
    const [p, q] = [x[i] ?? 0, y[i] ?? 0];
    if (Number.isNaN(p) && (Number.isNaN(q) || !plainNaN.includes(a[i] ?? 0))) continue;
    if (Number.isNaN(q) && !plainNaN.includes(b[i] ?? 0)) continue;
    if (tolerance > 0 && Math.abs(p - q) <= tolerance * largest) continue;
    return `[${i}]: ${p} (${a[i]}), naively ${q} (${b[i]})`;
  }
  return undefined;
}
