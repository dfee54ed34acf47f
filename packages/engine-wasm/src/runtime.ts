import {
  checkIndices,
  checkInputs,
  type GroupingRuntime,
  type InputValue,
  type RuntimeArray,
  type Variable,
  valueNamed,
} from '@gru4rec/program';
import { failThreads } from '../worker/bind-kernels.mjs';
import { type CompiledProgram, GROUPING } from './compile.ts';
import { type Buffer, type Call, describeCall, numberOf, type Word } from './kernel-call.ts';
import { HEAD_WORDS, kernelTable, OP_WORDS } from './kernel-table.ts';
import type { Layout } from './layout.ts';
import { bindTo, createMemory } from './load-kernels.ts';
import type { SharedMemory } from './lowering.ts';
import {
  type CallMemory,
  checkCallMemory,
  memoryOfCall,
  placePersistent,
  placeTemporaries,
} from './memory-plan.ts';
import { MemoryValues } from './memory-values.ts';
import type { WasmMemory } from './platform.ts';
import {
  momentsOf,
  type QuantizedTable,
  type RowGroups,
  SOME_ROWS,
  stepOf,
  TableCopies,
  turnOf,
} from './quantized-table.ts';
import { MOST_THREADS, spinsFor, type ThreadPool, threadPool } from './thread-pool.ts';

/** A runtime that also lists the kernels of its steps. */
export interface WasmRuntime extends GroupingRuntime {
  /** Kernel calls of one step, in order. */
  kernels(program: string): readonly string[];
  /**
   * The same calls as text: kernel, the threads that run it, arguments by name. Variables and inputs have their names and shapes.
   * Other values are t1, p2, … with their bytes; the memory of those with t is reused.
   */
  listing(program: string): readonly string[];
  /** Names of the programs of the engine itself, which nobody need run. */
  readonly ownPrograms: readonly string[];
  /** The same calls with the memory that each may access, for checks of kernels. */
  callMemory(program: string): readonly CallMemory[];
  /** Bytes of the engine's memory. */
  readonly memoryBytes: number;
}

// The DOM library is only used for the types of WebAssembly.
/// <reference lib="dom" />

const PAGE_BYTES = 65536;
/** One less than WebAssembly allows, so that the address after the last buffer is still a 32-bit number. */
const LARGEST_PAGES = 65535;
const OP_BYTES = 4 * OP_WORDS;
/** Kernels may read a vector that starts in the last buffer and ends after it. */
const SLACK_BYTES = 64;
/** The word at the end of a worker's stack, at its lowest address. */
export const STACK_GUARD = 0x57ac4e4d;

interface LoadedProgram extends CompiledProgram {
  readonly list: Buffer;
}

function shapeOf(name: string, { rows, cols }: Layout): string {
  return `${name}[${rows}×${cols}]`;
}

function guardedStack(): Buffer {
  const buffer: Buffer = { bytes: kernelTable.constants.STACK_BYTES, persistent: true, address: 0 };
  buffer.fill = (words) => {
    words[buffer.address / 4] = STACK_GUARD;
  };
  return buffer;
}

/** The word of a record that says who runs the call. 0: all threads, split. t + 1: thread t, or the last one. */
function shareOf({ runs }: Call): number {
  if (runs === 'first') return 1;
  return runs === 'last' ? MOST_THREADS : 0;
}

export class PlannedRuntime implements WasmRuntime {
  readonly variables: readonly Variable[];
  readonly memoryBytes: number;
  readonly #programs = new Map<string, LoadedProgram>();
  readonly #copies = new TableCopies();
  readonly #shared: SharedMemory;
  readonly #values: MemoryValues;
  readonly #run: ReturnType<typeof bindTo>;
  readonly #stacks: readonly Buffer[];
  readonly #threads: number;
  readonly #spins: number;
  readonly #memory: WasmMemory;
  #pool: { readonly pool: ThreadPool; readonly id: number } | undefined;

  constructor(
    compiled: readonly CompiledProgram[],
    shared: SharedMemory,
    { threads, variables }: { readonly threads: number; readonly variables: readonly Variable[] },
  ) {
    this.#shared = shared;
    this.variables = variables;
    this.#threads = threads;
    this.#spins = spinsFor(threads);
    this.#stacks = Array.from({ length: threads - 1 }, guardedStack);
    for (const stack of this.#stacks) shared.persistent.add(stack);
    for (const program of compiled) this.#programs.set(program.name, this.#withList(program));
    const loaded = [...this.#programs.values()];
    const temporaries = placePersistent(shared.persistent, PAGE_BYTES);
    const end = loaded.reduce(
      (most, { calls, timeOf }) => Math.max(most, placeTemporaries(calls, temporaries, timeOf)),
      temporaries,
    );
    const pages = Math.ceil((end + SLACK_BYTES) / PAGE_BYTES);
    if (pages > LARGEST_PAGES) {
      const gibibytes = (end / 2 ** 30).toFixed(1);
      throw new RangeError(
        `engine-wasm: expected a model of at most 4 GiB, got ${gibibytes} GiB. Lower batchSize, nSample or layers`,
      );
    }
    const memory = createMemory(pages, threads > 1);
    this.#memory = memory;
    this.memoryBytes = pages * PAGE_BYTES;
    this.#values = new MemoryValues(memory.buffer);
    const { words, floats } = this.#values;
    this.#run = bindTo(shared.kernels, memory);
    const placed = { address: PAGE_BYTES, bytes: end - PAGE_BYTES };
    for (const { name, calls } of loaded) checkCallMemory(name, calls, placed);
    for (const buffer of shared.persistent) buffer.fill?.(words, floats);
    for (const program of loaded) this.#writeList(program);
  }

  #withList(program: CompiledProgram): LoadedProgram {
    const list: Buffer = { bytes: program.calls.length * OP_BYTES, persistent: true, address: 0 };
    this.#shared.persistent.add(list);
    return { ...program, list };
  }

  #writeList({ calls, list }: Pick<LoadedProgram, 'calls' | 'list'>): void {
    for (const [i, call] of calls.entries()) {
      let word = (list.address + i * OP_BYTES) / 4;
      this.#values.words[word++] = numberOf(call.kernel);
      this.#values.words[word++] = shareOf(call);
      for (const content of call.words) this.#writeWord(word++, content);
    }
  }

  #writeWord(word: number, content: Word): void {
    if (typeof content === 'number') this.#values.words[word] = content;
    else if ('float' in content) this.#values.floats[word] = content.float;
    else this.#values.words[word] = content.buffer.address + content.offset;
  }

  run(name: string, inputs: Readonly<Record<string, InputValue>>): Readonly<Record<string, RuntimeArray>> {
    const program = this.#program(name);
    const isCurrent = this.#copies.areCurrent(program.copies);
    this.#writeInputs(program, inputs);
    this.#runCalls(program, isCurrent ? program.quantization : 0, program.calls.length);
    this.#copies.update(program.copies, program.changes);
    const outputs: Record<string, RuntimeArray> = {};
    for (const [output, layout] of program.outputs) outputs[output] = this.#values.view(layout);
    return outputs;
  }

  /** With several threads, the range must end with a barrier. @throws Error if a thread fails: the runtime is then unusable. */
  #runCalls({ list, threads }: LoadedProgram, from: number, to: number): void {
    if (threads > 1) {
      // Another runtime has broken the pool, and perhaps ended one of its threads.
      if (this.#pool?.pool.isAbandoned) this.#pool = undefined;
      this.#pool ??= this.#joinPool();
      this.#pool.pool.start(this.#pool.id, { list: list.address, from, to });
    }
    try {
      if (this.#run(list.address, from, to, 0, threads, this.#spins) && this.#areStacksWhole()) return;
      throw new Error(
        'engine-wasm: a worker thread failed, which is a fault of the engine. Load the programs again',
      );
    } catch (error) {
      failThreads(this.#memory, this.#shared.sync.address);
      this.#pool?.pool.abandon();
      throw error;
    }
  }

  /** The workers have left their stacks when the last barrier of a run is over. */
  #areStacksWhole(): boolean {
    return this.#stacks.every(({ address }) => this.#values.words[address / 4] === STACK_GUARD);
  }

  #joinPool(): { readonly pool: ThreadPool; readonly id: number } {
    const pool = threadPool(this.#threads);
    const { kernels, sync } = this.#shared;
    const parts = { parts: kernels.parts, memory: this.#memory, sync: sync.address };
    return { pool, id: pool.addMemory(parts, this.#stacks) };
  }

  get ownPrograms(): readonly string[] {
    return this.#programs.has(GROUPING) ? [GROUPING] : [];
  }

  kernels(name: string): readonly string[] {
    return this.#program(name).calls.map((call) => call.kernel);
  }

  listing(name: string): readonly string[] {
    const { calls, inputs } = this.#program(name);
    const names = new Map<Buffer, string>();
    for (const [variable, layout] of this.#shared.variables)
      names.set(layout.buffer, shapeOf(variable, layout));
    for (const [input, { layout }] of Object.entries(inputs))
      names.set(layout.buffer, shapeOf(input, layout));
    let unnamed = 0;
    const nameOf = (buffer: Buffer): string => {
      const known = names.get(buffer);
      if (known !== undefined) return known;
      const label = `${buffer.persistent ? 'p' : 't'}${++unnamed}`;
      names.set(buffer, label);
      return `${label}[${buffer.bytes} B]`;
    };
    return calls.map((call) => describeCall(call, nameOf));
  }

  callMemory(name: string): readonly CallMemory[] {
    const { calls, list } = this.#program(name);
    return calls.map((call, i) => memoryOfCall(call, list.address + i * OP_BYTES + 4 * HEAD_WORDS));
  }

  #program(name: string): LoadedProgram {
    return valueNamed('run', 'program', this.#programs, name);
  }

  #writeInputs(program: CompiledProgram, inputs: Readonly<Record<string, InputValue>>): void {
    for (const { name, tensor, values } of checkInputs(program, inputs)) {
      if (tensor.limit !== undefined) checkIndices(name, values, tensor.limit);
      this.#values.store(`run: "${name}"`, tensor.layout, values);
    }
  }

  read(name: string): Float32Array {
    return this.#values.copy(this.#variable('read', name));
  }

  detach(name: string): Float32Array {
    return this.#values.detach(this.#variable('detach', name));
  }

  write(name: string, values: ArrayLike<number>, fromRow?: number): void {
    this.#values.store(`write: "${name}"`, this.#variable('write', name), values, fromRow);
    this.#copies.expire((variable) => variable === name);
  }

  group(hidden: Float32Array): boolean {
    for (const [{ table }, { moments, axes, step }] of this.#grouped()) {
      const some = Math.min(table.rows, SOME_ROWS);
      const spread = { ...table, rows: some, stride: table.stride * Math.floor(table.rows / some) };
      const [turned, read] = turnOf(hidden, this.#values.copy(spread), table.cols);
      this.#values.store('group', moments, momentsOf(hidden, table.cols));
      this.#values.store('group', axes, turned);
      this.#values.words[step.address / 4 + 1] = read;
    }
    if (!this.#programs.has(GROUPING)) return false;
    this.run(GROUPING, {});
    this.probe(1);
    return true;
  }

  probe(share: number): void {
    for (const [, groups] of this.#grouped()) {
      this.#values.words[groups.step.address / 4] = stepOf(groups, share);
    }
  }

  #grouped(): (readonly [QuantizedTable, RowGroups])[] {
    return Array.from(this.#shared.quantized.values()).flatMap((copy) =>
      copy.groups ? [[copy, copy.groups] as const] : [],
    );
  }

  #variable(caller: string, name: string): Layout {
    return valueNamed(caller, 'variable', this.#shared.variables, name);
  }

  dispose(): void {
    if (this.#pool) this.#pool.pool.removeMemory(this.#pool.id);
    this.#pool = undefined;
  }
}
