// The types of WebAssembly are in the DOM library; nothing else of it is used.
/// <reference lib="dom" />
import { availableParallelism } from 'node:os';
import {
  type Engine,
  EngineUnavailableError,
  type InputValue,
  type Program,
  type Runtime,
  type RuntimeArray,
  type Variable,
} from '@gru4rec/program';
import { type CompiledProgram, compileProgram } from './compile.ts';
import type { Layout } from './layout.ts';
import type { SharedMemory } from './lowering.ts';
import { type Argument, type Buffer, type Call, placePersistent, placeTemporaries } from './memory-plan.ts';
import {
  createMemory,
  hasRelaxedSimd,
  hasSharedMemory,
  instantiate,
  type KernelInstance,
  loadKernels,
  SCRATCH_BYTES,
} from './module.ts';
import { spinsFor, type ThreadPool, threadPool } from './thread-pool.ts';

/** Options of the wasm engine. */
export interface WasmEngineOptions {
  /** Whether losses run as fused kernels (default) or composed of primitive ops. */
  readonly fuse?: boolean;
  /** Threads of a step; as many as there are cores if not given, and 1 where memory cannot be shared. */
  readonly threads?: number;
  /** Operations of products from which a program runs on several threads; 1e6 (some 30 µs) if not given. */
  readonly threadsFrom?: number;
  /** Whether products may round once (relaxed SIMD) instead of twice: faster. Where it runs, if not given. */
  readonly relaxed?: boolean;
}

/** Time an op took while profiling. */
export interface OpProfile {
  readonly kernel: string;
  readonly microseconds: number;
}

/** A wasm runtime can also say what its steps are made of. */
export interface WasmRuntime extends Runtime {
  /** Kernel calls of one step, in order. */
  kernels(program: string): readonly string[];
  /** Runs one step op by op with a clock; the step takes effect like any other. */
  profile(program: string, inputs: Readonly<Record<string, InputValue>>): readonly OpProfile[];
  /** Bytes of the engine's memory. */
  readonly memoryBytes: number;
}

/** An engine whose runtimes can say what their steps are made of. */
export interface WasmEngine extends Engine {
  readonly threads: number;
  /** Whether the kernels are those of relaxed SIMD. */
  readonly relaxed: boolean;
  load(programs: readonly Program[]): WasmRuntime;
}

/** Name of the default engine. */
export const WASM_ENGINE = 'wasm';

const PAGE_BYTES = 65536;
/** One less than WebAssembly allows, so that the address behind the last buffer is still a 32-bit number. */
const LARGEST_PAGES = 65535;
/** Kernels may read a vector that starts in the last buffer and ends behind it. */
const SLACK_BYTES = 64;

/**
 * The default engine: float32 SIMD kernels in WebAssembly over one memory that is planned when programs are
 * loaded; a step allocates nothing. The same build and number of threads give the same bits.
 *
 * @throws EngineUnavailableError if the kernels are missing or cannot be compiled, or if what `options` ask for
 *   cannot run here.
 * @throws RangeError if `threads` is no integer from 1 to 64.
 */
export function createWasmEngine(options: WasmEngineOptions = {}): WasmEngine {
  const { fuse = true, threadsFrom = 1e6 } = options;
  const threads = threadsFor(options.threads);
  const relaxed = relaxedFor(options.relaxed);
  loadKernels({ relaxed, shared: threads > 1 });
  return {
    name: WASM_ENGINE,
    threads,
    relaxed,
    load(programs) {
      const zeros: Buffer = { bytes: 64, persistent: true, address: 0 };
      const sync: Buffer = { bytes: 64, persistent: true, address: 0 };
      const shared: SharedMemory = {
        kernels: loadKernels({ relaxed, shared: threads > 1 }),
        persistent: new Set([zeros, sync]),
        variables: new Map(),
        declaredBy: new Map(),
        indexMaps: new Map(),
        zeros,
        sync,
      };
      const compiled = programs.map((program) =>
        compileProgram(program, shared, { fuse, threads, threadsFrom }),
      );
      return new PlannedRuntime(compiled, shared, { threads, variables: variablesOf(programs) });
    },
  };
}

const MOST_THREADS = 64;

function threadsFor(wanted: number | undefined): number {
  if (wanted === undefined) return hasSharedMemory() ? Math.min(availableParallelism(), MOST_THREADS) : 1;
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > MOST_THREADS) {
    throw new RangeError(
      `createWasmEngine: "threads" expected an integer from 1 to ${MOST_THREADS}, got ${wanted}`,
    );
  }
  if (wanted === 1 || hasSharedMemory()) return wanted;
  throw new EngineUnavailableError('engine-wasm: this runtime cannot share memory. Use one thread.');
}

function relaxedFor(wanted: boolean | undefined): boolean {
  if (wanted === false) return false;
  const available = hasRelaxedSimd();
  if (wanted && !available) {
    throw new EngineUnavailableError('engine-wasm: this runtime has no relaxed SIMD. Leave `relaxed` out.');
  }
  return available;
}

function variablesOf(programs: readonly Program[]): Variable[] {
  const byName = new Map<string, Variable>();
  for (const program of programs)
    for (const { variable } of program.variables) byName.set(variable.name, variable);
  return [...byName.values()];
}

/** A program with the place of its op list. */
type LoadedProgram = CompiledProgram & { readonly list: Buffer };

/** 0: the threads share it; t + 1: thread t or the last does all. */
function shareOf({ rows, thread = 'first', kernel }: Call): number {
  if (rows !== undefined || kernel === 'BARRIER') return 0;
  return thread === 'first' ? 1 : MOST_THREADS;
}

class PlannedRuntime implements WasmRuntime {
  readonly variables: readonly Variable[];
  readonly memoryBytes: number;
  private readonly programs = new Map<string, LoadedProgram>();
  private readonly shared: SharedMemory;
  private readonly floats: Float32Array;
  private readonly words: Int32Array;
  private readonly instance: KernelInstance;
  private readonly views = new Map<Layout, RuntimeArray>();
  private readonly scratch: Buffer;
  private readonly opBytes: number;
  /** An op alone and a barrier behind it, for profiles. */
  private readonly single: Buffer;
  private readonly threads: number;
  private readonly spins: number;
  private readonly memory: WebAssembly.Memory;
  private pool: { readonly pool: ThreadPool; readonly id: number } | undefined;

  constructor(
    compiled: readonly CompiledProgram[],
    shared: SharedMemory,
    { threads, variables }: { threads: number; variables: readonly Variable[] },
  ) {
    this.shared = shared;
    this.variables = variables;
    this.threads = threads;
    this.spins = spinsFor(threads);
    this.scratch = { bytes: threads * SCRATCH_BYTES, persistent: true, address: 0 };
    shared.persistent.add(this.scratch);
    this.opBytes = shared.kernels.constant('OP_BYTES');
    this.single = { bytes: 2 * this.opBytes, persistent: true, address: 0 };
    shared.persistent.add(this.single);
    for (const program of compiled) {
      if (this.programs.has(program.name)) {
        throw new RangeError(`load: "programs" expected different names, got ${program.name} twice`);
      }
      const list: Buffer = { bytes: program.calls.length * this.opBytes, persistent: true, address: 0 };
      shared.persistent.add(list);
      this.programs.set(program.name, { ...program, list });
    }
    const temporaries = placePersistent(shared.persistent, PAGE_BYTES);
    const end = compiled.reduce(
      (most, { calls, timeOf }) => Math.max(most, placeTemporaries(calls, temporaries, timeOf)),
      temporaries,
    );
    const pages = Math.ceil((end + SLACK_BYTES) / PAGE_BYTES);
    if (pages > LARGEST_PAGES) {
      const gibibytes = (end / 2 ** 30).toFixed(1);
      throw new RangeError(
        `engine-wasm: this model needs ${gibibytes} GiB; WebAssembly memory ends at 4 GiB`,
      );
    }
    const memory = createMemory(pages, threads > 1);
    this.memory = memory;
    this.memoryBytes = pages * PAGE_BYTES;
    this.floats = new Float32Array(memory.buffer);
    this.words = new Int32Array(memory.buffer);
    this.instance = instantiate(shared.kernels.module, memory).exports as unknown as KernelInstance;
    for (const buffer of shared.persistent) buffer.fill?.(this.words, this.floats);
    for (const program of this.programs.values()) this.writeList(program);
    const barrier = { kernel: 'BARRIER', args: [{ buffer: shared.sync, offset: 0 }], uses: [], writes: [] };
    const behind = { ...this.single, address: this.single.address + this.opBytes };
    this.writeList({ calls: [barrier], list: behind });
  }

  private writeList({ calls, list }: Pick<LoadedProgram, 'calls' | 'list'>): void {
    for (const [i, call] of calls.entries()) {
      let word = (list.address + i * this.opBytes) / 4;
      this.words[word++] = this.shared.kernels.constant(call.kernel);
      this.words[word++] = shareOf(call);
      for (const argument of call.args) this.writeArgument(word++, argument);
    }
  }

  private writeArgument(word: number, argument: Argument): void {
    if (typeof argument === 'number') this.words[word] = argument;
    else if ('float' in argument) this.floats[word] = argument.float;
    else this.words[word] = argument.buffer.address + argument.offset;
  }

  run(name: string, inputs: Readonly<Record<string, InputValue>>): Readonly<Record<string, RuntimeArray>> {
    const program = this.program(name);
    this.writeInputs(program, inputs);
    this.runCalls(program, 0, program.calls.length);
    const outputs: Record<string, RuntimeArray> = {};
    for (const [output, layout] of program.outputs) outputs[output] = this.view(layout);
    return outputs;
  }

  /** On several threads the range must end with a barrier. */
  private runCalls({ list, threads }: LoadedProgram, from: number, to: number): void {
    this.instance.startThread(0, threads, this.scratch.address, this.spins);
    if (threads > 1) {
      this.pool ??= this.joinPool();
      this.pool.pool.start(this.pool.id, { list: list.address, from, to });
    }
    this.instance.run(list.address, from, to);
  }

  private joinPool(): { readonly pool: ThreadPool; readonly id: number } {
    const pool = threadPool(this.threads);
    const scratchOf = (thread: number): number => this.scratch.address + thread * SCRATCH_BYTES;
    return { pool, id: pool.addMemory(this.shared.kernels.module, this.memory, scratchOf) };
  }

  kernels(name: string): readonly string[] {
    return this.program(name).calls.map((call) => call.kernel);
  }

  profile(name: string, inputs: Readonly<Record<string, InputValue>>): readonly OpProfile[] {
    const program = this.program(name);
    this.writeInputs(program, inputs);
    // On several threads each op is followed by a barrier of its own, so that its time is that of the slowest.
    const pair = { ...program, list: this.single };
    const ops = program.threads > 1 ? 2 : 1;
    return program.calls.map((call) => {
      this.writeList({ ...pair, calls: [call] });
      const start = performance.now();
      this.runCalls(pair, 0, call.kernel === 'BARRIER' ? 1 : ops);
      return { kernel: call.kernel, microseconds: (performance.now() - start) * 1000 };
    });
  }

  private program(name: string): LoadedProgram {
    const program = this.programs.get(name);
    if (program) return program;
    throw new RangeError(
      `run: "program" expected one of ${[...this.programs.keys()].join(', ')}, got ${name}`,
    );
  }

  private writeInputs(program: CompiledProgram, inputs: Readonly<Record<string, InputValue>>): void {
    for (const [name, { layout, limit }] of program.inputs) {
      const value = inputs[name];
      if (value === undefined)
        throw new RangeError(`run: "${name}" is missing. Program ${program.name} needs it.`);
      const given = typeof value === 'number' ? [value] : value;
      expectType(name, layout, value);
      if (Number.isFinite(limit)) checkIndices(name, given, limit);
      this.store(`run: "${name}"`, layout, given);
    }
    for (const name of Object.keys(inputs)) {
      if (!program.inputs.has(name)) {
        const known = [...program.inputs.keys()].join(', ');
        throw new RangeError(`run: inputs of ${program.name} are ${known}; got "${name}"`);
      }
    }
  }

  private store(what: string, layout: Layout, values: ArrayLike<number>): void {
    const { rows, cols } = layout;
    if (values.length !== rows * cols) {
      throw new RangeError(
        `${what} expected ${rows * cols} values of [${rows}, ${cols}], got ${values.length}`,
      );
    }
    const target = layout.dtype === 'i32' ? this.words : this.floats;
    const start = layout.buffer.address / 4;
    const stride = layout.stride / 4;
    if (stride === cols || rows === 1) target.set(values, start);
    else
      for (let r = 0; r < rows; r++) {
        for (let c = 0; c < cols; c++) target[start + r * stride + c] = values[r * cols + c] as number;
      }
  }

  /** The value itself where it lies dense, else a copy without padding that the next call overwrites. */
  private view(layout: Layout): RuntimeArray {
    const { rows, cols, dtype } = layout;
    const start = layout.buffer.address / 4;
    const dense = layout.stride === cols * 4 || rows === 1;
    let view = this.views.get(layout);
    if (!view) {
      const memory = dtype === 'i32' ? this.words : this.floats;
      view = dense ? memory.subarray(start, start + rows * cols) : memory.slice(0, rows * cols);
      this.views.set(layout, view);
    }
    if (!dense) this.unpack(layout, view);
    return view;
  }

  private unpack({ rows, cols, stride, buffer, dtype }: Layout, into: RuntimeArray): void {
    const memory = dtype === 'i32' ? this.words : this.floats;
    for (let r = 0; r < rows; r++) {
      const start = (buffer.address + r * stride) / 4;
      for (let c = 0; c < cols; c++) into[r * cols + c] = memory[start + c];
    }
  }

  read(name: string): Float32Array {
    const layout = this.variable('read', name);
    const copy = new Float32Array(layout.rows * layout.cols);
    this.unpack(layout, copy);
    return copy;
  }

  write(name: string, values: ArrayLike<number>): void {
    this.store(`write: "${name}"`, this.variable('write', name), values);
  }

  private variable(caller: string, name: string): Layout {
    const layout = this.shared.variables.get(name);
    if (layout) return layout;
    const known = [...this.shared.variables.keys()].join(', ');
    throw new RangeError(`${caller}: "variable" expected one of ${known}, got ${name}`);
  }

  dispose(): void {
    this.views.clear();
  }
}

function expectType(name: string, { dtype }: Layout, value: InputValue): void {
  if (typeof value === 'number' || value instanceof Int32Array === (dtype === 'i32')) return;
  const wanted = dtype === 'i32' ? 'Int32Array' : 'Float32Array';
  throw new TypeError(`run: "${name}" expected ${wanted}, got ${value.constructor.name}`);
}

function checkIndices(name: string, values: ArrayLike<number>, limit: number): void {
  for (let i = 0; i < values.length; i++) {
    const index = values[i] as number;
    if (index >= limit || index < -1) {
      throw new RangeError(
        `run: "${name}"[${i}] expected an index below ${limit}, or −1 for none, got ${index}`,
      );
    }
  }
}
