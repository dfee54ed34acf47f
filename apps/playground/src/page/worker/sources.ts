import { openWasmEngine, type WasmEngine } from '@gru4rec/engine-wasm';
import type { Scorer } from '@gru4rec/metrics';
import { type Gru4Rec, loadModel, readModelItemInfo } from '@gru4rec/model';
import {
  type PackedSplits,
  type SiteFeatures,
  type SiteManifest,
  type UnpackedSplits,
  unpackSessions,
} from '../../site/site-files.ts';
import { ModelCatalogue, type ModelCatalogueData, readItemInfo } from '../items/catalogue.ts';
import { Player } from './player.ts';
import { fitBaselines, type TrainingSet, trainingSet } from './train-here.ts';

export interface Log {
  readonly splits: UnpackedSplits;
  readonly data: TrainingSet;
  readonly catalogue: ModelCatalogue;
  /** SR and S-KNN, fitted to them. */
  readonly baselines: readonly Scorer[];
}

const SHOP_SESSIONS = 'shop/sessions.json';
const SHOP_ITEMS = 'shop/items.json';

interface ShopItems {
  readonly ids: readonly string[];
  readonly titles: readonly string[];
  readonly groups: readonly number[];
  readonly groupNames: readonly string[];
}

export class Sources {
  readonly #page: string;
  readonly engine: () => Promise<WasmEngine> = once(() => {
    const { crossOriginIsolated, navigator } = globalThis;
    return openWasmEngine({ threads: pageThreads(crossOriginIsolated, navigator.hardwareConcurrency) });
  });
  readonly shop: () => Promise<Log> = once(() => this.#openShop());

  constructor(page: string) {
    this.#page = page;
  }

  /** The model of the site, and its sessions if it has some. */
  async site({
    model: folder = 'model/',
    sessions,
    features: file,
  }: SiteManifest): Promise<{ player: Player; log?: Log }> {
    const engine = await this.engine();
    const model = await loadModel(this.#address(folder), { engine });
    const splits =
      sessions === undefined ? undefined : unpackSessions(await this.#json<PackedSplits>(sessions));
    const data = splits && trainingSet(splits, [...model.itemIds]);
    const features = file === undefined ? undefined : await this.#json<SiteFeatures>(file);
    const items = await this.#catalogueOf(model, folder, data);
    const catalogue = new ModelCatalogue({ ...items, ...(features && { features }) });
    const log = splits && data && { splits, data, catalogue, baselines: fitBaselines(data) };
    return { player: new Player(model, catalogue, log?.baselines ?? []), ...(log && { log }) };
  }

  async #openShop(): Promise<Log> {
    const [sessions, items] = await Promise.all([
      this.#json<PackedSplits>(SHOP_SESSIONS),
      this.#json<ShopItems>(SHOP_ITEMS),
    ]);
    const splits = unpackSessions(sessions);
    const data = trainingSet(splits, items.ids);
    const catalogue = new ModelCatalogue({
      ...items,
      groups: Int32Array.from(items.groups),
      popularity: data.support,
    });
    return { splits, data, catalogue, baselines: fitBaselines(data) };
  }

  async #catalogueOf(
    model: Gru4Rec,
    folder: string,
    data: TrainingSet | undefined,
  ): Promise<ModelCatalogueData> {
    const ids = [...model.itemIds];
    const info = await readModelItemInfo(this.#address(folder));
    // Without sessions, the biases of the output order the items nearly as their popularity would.
    const popularity = data?.support ?? model.tensors.find(({ name }) => name === 'by')?.values;
    return {
      ids,
      ...(info && readItemInfo(new TextDecoder().decode(info), ids)),
      ...(popularity && { popularity }),
    };
  }

  #address(path: string): string {
    return new URL(path, this.#page).href;
  }

  async #json<Value>(path: string): Promise<Value> {
    const response = await fetch(this.#address(path));
    if (response.ok) return (await response.json()) as Value;
    throw new Error(`${path}: expected a file, the server answered ${response.status}.`);
  }
}

/** The steps of a page's models are small, so more threads would wait for each other. */
const MOST_THREADS = 4;

/**
 * One core is the page's, which draws while a model trains: two threads on two cores trained the shop at 29,000 to 39,000
 * events/s, one thread at 57,000 to 66,000. `isolated`: whether the page may share memory.
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
