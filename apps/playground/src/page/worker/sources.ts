import { openWasmEngine, type WasmEngine } from '@gru4rec/engine-wasm';
import type { Scorer } from '@gru4rec/metrics';
import { loadModel, readModelItemInfo } from '@gru4rec/model';
import {
  type SiteFeatures,
  type SiteManifest,
  type UnpackedSplits,
  unpackSessions,
} from '../../site/site-files.ts';
import { ModelCatalogue, readItemInfo } from '../items/catalogue.ts';
import { Player } from './player.ts';
import { fitBaselines, type TrainingSet, trainingSet } from './train-here.ts';

export interface Log {
  readonly splits: UnpackedSplits;
  readonly data: TrainingSet;
  readonly catalogue: ModelCatalogue;
  /** SR and S-KNN, fitted to them. */
  readonly baselines: readonly Scorer[];
}

export class Sources {
  readonly #page: string;
  readonly engine: () => Promise<WasmEngine> = once(() => {
    const { crossOriginIsolated, navigator } = globalThis;
    return openWasmEngine({ threads: pageThreads(crossOriginIsolated, navigator.hardwareConcurrency) });
  });
  /** The generated shop; its items are in the order of their indices. */
  readonly shop: () => Promise<Log> = once(async () => {
    const lines = await (await this.#fetch('shop/items.jsonl')).text();
    const ids = lines.split('\n').map((line): string => JSON.parse(line).id);
    const sessions = await this.#sessions('shop/sessions.json', ids);
    const items = { ids, ...readItemInfo(lines, ids), popularity: sessions.data.support };
    return { ...sessions, catalogue: new ModelCatalogue(items) };
  });

  constructor(page: string) {
    this.#page = page;
  }

  /** The model of the site, and its sessions if it has some. */
  async site({
    model: folder = 'model/',
    sessions: path,
    features: file,
  }: SiteManifest): Promise<{ player: Player; log: Log | undefined }> {
    const model = await loadModel(this.#address(folder), { engine: await this.engine() });
    const ids = [...model.itemIds];
    const sessions = path === undefined ? undefined : await this.#sessions(path, ids);
    const info = await readModelItemInfo(this.#address(folder));
    const features: SiteFeatures | undefined = file && (await (await this.#fetch(file)).json());
    // Without sessions, the biases of the output order the items nearly as their popularity would.
    const popularity = sessions?.data.support ?? model.tensors.find(({ name }) => name === 'by')?.values;
    const catalogue = new ModelCatalogue({
      ids,
      ...(info && readItemInfo(new TextDecoder().decode(info), ids)),
      popularity,
      features,
    });
    const player = new Player(model, catalogue, sessions?.baselines ?? []);
    return { player, log: sessions && { ...sessions, catalogue } };
  }

  async #sessions(path: string, ids: readonly string[]): Promise<Omit<Log, 'catalogue'>> {
    const splits = unpackSessions(await (await this.#fetch(path)).json());
    const data = trainingSet(splits, ids);
    return { splits, data, baselines: fitBaselines(data) };
  }

  #address(path: string): string {
    return new URL(path, this.#page).href;
  }

  async #fetch(path: string): Promise<Response> {
    const response = await fetch(this.#address(path));
    if (response.ok) return response;
    throw new Error(`${path}: expected a file, the server answered ${response.status}.`);
  }
}

/** The steps of a page's models are small, so more threads would wait for each other. */
const MOST_THREADS = 4;

/**
 * One core is the page's: two threads on two cores train at half the speed of one. `isolated`: whether the page may share
 * memory.
 */
export function pageThreads(isolated: boolean, cores: number): number {
  return isolated ? Math.min(MOST_THREADS, Math.max(1, cores - 1)) : 1;
}

/** Makes something at the first call, or again after it failed. */
function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make().catch((error) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
