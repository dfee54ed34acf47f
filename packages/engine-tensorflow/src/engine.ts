import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  checkIndices,
  checkInputs,
  type Engine,
  type InputValue,
  indexLimits,
  type Program,
  type Runtime,
  type RuntimeArray,
  rowsWritten,
  type Variable,
  valueNamed,
} from '@gru4rec/program';
import { type Ref, SERVE_TAG } from './graph-writer.ts';
import type { SavedModelBackend, TensorFlowModule, TensorFlowTensor } from './runtime/index.ts';
import type { VariableEndpoints } from './variable-nodes.ts';
import { type Callable, type WrittenModel, writeModel } from './write-model.ts';

/** The module and the device. */
export interface TensorFlowEngineOptions {
  /** The module of `@tensorflow/tfjs-node` or `@tensorflow/tfjs-node-gpu`. */
  readonly tensorflow: TensorFlowModule;
  /** `cpu` if not given. */
  readonly device?: 'cpu' | 'gpu';
}

const devices = { cpu: '/device:CPU:0', gpu: '/device:GPU:0' } as const;

/**
 * Runs programs as TensorFlow graphs, with one native call per step. Variables stay on the device; a call transfers only
 * the step's inputs and outputs.
 */
export function createTensorFlowEngine({ tensorflow, device = 'cpu' }: TensorFlowEngineOptions): Engine {
  return {
    name: device === 'cpu' ? 'tensorflow' : 'cuda',
    load(programs) {
      const model = writeModel(programs, devices[device]);
      return new SessionRuntime(model, () => new Session(tensorflow, model.bytes));
    },
  };
}

interface LoadedProgram extends Callable {
  readonly program: Program;
  /** Exclusive upper bound of each index input, by name. */
  readonly limits: ReadonlyMap<string, number>;
  readonly words: Int32Array;
}

class SessionRuntime implements Runtime {
  readonly variables: readonly Variable[];
  readonly #session: Session;
  readonly #programs: ReadonlyMap<string, LoadedProgram>;
  readonly #endpoints: ReadonlyMap<string, VariableEndpoints>;

  constructor(model: WrittenModel, open: () => Session) {
    this.variables = model.variables;
    this.#endpoints = model.endpoints;
    this.#programs = new Map(
      model.programs.map((p) => [p.name, loaded(p, model.callables.get(p.name) as Callable)]),
    );
    this.#session = open();
    try {
      this.#session.run([], [model.initialisation]);
    } catch (error) {
      this.#session.close();
      throw error;
    }
  }

  run(name: string, inputs: Readonly<Record<string, InputValue>>): Record<string, RuntimeArray> {
    const found = valueNamed('run', 'program', this.#programs, name);
    const { program, limits, words, packed, input, outputs, fetches } = found;
    const checked = checkInputs(program, inputs);
    for (const { name, values } of checked) {
      const limit = limits.get(name);
      if (limit !== undefined) checkIndices(name, values, limit);
    }
    packed.store(checked, words);
    const feeds = words.length > 0 ? [{ ref: input, values: words, shape: [words.length] }] : [];
    const fetched = this.#session.run(feeds, fetches);
    return Object.fromEntries(outputs.map((output, i) => [output, fetched[i] as RuntimeArray]));
  }

  read(name: string): Float32Array {
    const { read } = valueNamed('read', 'variable', this.#endpoints, name);
    return this.#session.run([], [read])[0] as Float32Array;
  }

  detach(name: string): Float32Array {
    return this.read(name);
  }

  write(name: string, values: ArrayLike<number>, fromRow?: number): void {
    const { writeAll, writeRows, ...endpoint } = valueNamed('write', 'variable', this.#endpoints, name);
    const { rows, cols } = this.variables.find((v) => v.name === name) as Variable;
    const count = rowsWritten(`write: "${name}"`, { rows, cols }, values.length, fromRow);
    const floats = values instanceof Float32Array ? values : Float32Array.from(values);
    const written = { ref: endpoint.values, values: floats, shape: [count, cols] };
    if (fromRow === undefined) this.#session.run([written], [writeAll]);
    else {
      const start = { ref: endpoint.fromRow, values: Int32Array.of(fromRow), shape: [] };
      this.#session.run([written, start], [writeRows]);
    }
  }

  dispose(): void {
    this.#session.close();
  }
}

function loaded(program: Program, callable: Callable): LoadedProgram {
  const byTensor = indexLimits(program);
  const limits = new Map<string, number>();
  for (const [name, { id }] of Object.entries(program.inputs)) {
    const limit = byTensor.get(id);
    if (limit !== undefined) limits.set(name, limit);
  }
  return { ...callable, program, limits, words: new Int32Array(callable.packed.length) };
}

interface Feed {
  readonly ref: Ref;
  readonly values: Float32Array | Int32Array;
  readonly shape: readonly number[];
}

class Session {
  readonly #tensorflow: TensorFlowModule;
  readonly #backend: SavedModelBackend;
  readonly #id: number;
  #open = true;

  constructor(tensorflow: TensorFlowModule, bytes: Uint8Array) {
    this.#tensorflow = tensorflow;
    this.#backend = tensorflow.backend();
    const folder = mkdtempSync(join(tmpdir(), 'gru4rec-graph-'));
    try {
      writeFileSync(join(folder, 'saved_model.pb'), bytes);
      this.#id = this.#backend.loadSavedModelMetaGraph(folder, SERVE_TAG);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** Runs the nodes that `fetches` depend on; values of feeds are copied, results fresh. @throws Error after `close`. */
  run(feeds: readonly Feed[], fetches: readonly Ref[]): (Float32Array | Int32Array)[] {
    if (!this.#open) throw new Error('run: the runtime was disposed of. Load its programs again');
    const inputs: TensorFlowTensor[] = [];
    let outputs: readonly TensorFlowTensor[] = [];
    try {
      for (const { values, shape } of feeds) {
        const dtype = values instanceof Int32Array ? 'int32' : 'float32';
        inputs.push(this.#tensorflow.tensor(unshared(values), shape, dtype));
      }
      const names = inputs.map(({ dtype, shape }, i) => {
        const tfDtype = dtype === 'int32' ? 'DT_INT32' : 'DT_FLOAT';
        return { name: output(feeds[i]?.ref ?? ''), dtype, tfDtype, shape };
      });
      outputs = this.#backend.runSavedModel(this.#id, inputs, names, fetches.map(output));
      return outputs.map((tensor) => tensor.dataSync());
    } finally {
      for (const tensor of [...inputs, ...outputs]) tensor.dispose();
    }
  }

  close(): void {
    if (this.#open) this.#backend.deleteSavedModel(this.#id);
    this.#open = false;
  }
}

/**
 * A copy that TensorFlow will not keep: it shares arrays whose address is a multiple of 32 or 64, never one that is no multiple
 * of 8. A variable that is assigned a shared array would change with it; releasing it on a thread of TensorFlow ends the process.
 */
function unshared(values: Float32Array | Int32Array): Float32Array | Int32Array {
  const memory = new ArrayBuffer(4 + values.byteLength);
  const copy = values instanceof Int32Array ? new Int32Array(memory, 4) : new Float32Array(memory, 4);
  copy.set(values);
  return copy;
}

/** The session also needs the number of the output. */
function output(ref: Ref): string {
  return ref.includes(':') ? ref : `${ref}:0`;
}
