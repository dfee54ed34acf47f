import { statSync } from 'node:fs';
import { halfSipHash } from '@gru4rec/dataset/ids';
import { Problem } from '../http/problem.ts';
import { stateOfModel, watchFiles } from '../watch-files.ts';
import type { ServedModel } from './served-model.ts';

/** Equal in every server and run, so that a session keeps its model. */
const SPLIT_KEY = Int32Array.of(0x67727534, 0x73706c74);

export class Models {
  readonly all: readonly ServedModel[];
  readonly #weights: number;
  #endWatches: readonly (() => void)[] = [];

  constructor(models: readonly ServedModel[]) {
    this.all = models;
    this.#weights = models.reduce((sum, { weight }) => sum + weight, 0);
  }

  get isReady(): boolean {
    return this.all.every((model) => model.isReady);
  }

  get(name: string): ServedModel {
    const found = this.all.find((model) => model.name === name);
    if (found) return found;
    const names = this.all.map((model) => model.name).join(', ');
    throw new Problem(404, `"name" expected one of ${names}, got ${JSON.stringify(name)}`);
  }

  /** Always the same one, by the weights. */
  of(sessionId: string): ServedModel {
    const [first] = this.all;
    if (this.all.length === 1) return first;
    const bytes = Buffer.from(sessionId);
    const share = (halfSipHash(bytes, 0, bytes.length, SPLIT_KEY) >>> 0) / 2 ** 32;
    let left = share * this.#weights;
    for (const model of this.all) {
      left -= model.weight;
      if (left < 0) return model;
    }
    return first;
  }

  forget(sessionId: string): void {
    for (const model of this.all) model.forget(sessionId);
  }

  /** A change that cannot be loaded is in the model's status. */
  async watch(everyMs: number): Promise<void> {
    const watches = this.all.map(async (model) => {
      const look = () => stateOfModel(model.path);
      const state = await look().catch(() => undefined);
      const onChange = () => model.reload().catch(() => undefined);
      // A pointer is replaced whole, and its folder is complete before.
      const isPointer = statSync(model.path, { throwIfNoEntry: false })?.isFile();
      return watchFiles({ look, state, everyMs: isPointer ? everyMs / 10 : everyMs, onChange });
    });
    this.#endWatches = await Promise.all(watches);
  }

  async close(): Promise<void> {
    for (const end of this.#endWatches) end();
    await Promise.all(this.all.map((model) => model.close()));
  }
}
