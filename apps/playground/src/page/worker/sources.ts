import { openWasmEngine, type WasmEngine } from '@gru4rec/engine-wasm';
import type { Scorer } from '@gru4rec/metrics';
import { type Gru4Rec, loadModel, readModelItemInfo } from '@gru4rec/model';
import { type UnpackedSplits, unpackSessions } from '../../site/packed-sessions.ts';
import type { SiteFeatures, SiteManifest } from '../../site/site-manifest.ts';
import { readItemInfo } from '../search/item-info.ts';
import { ModelCatalogue, type ModelCatalogueData } from '../search/model-catalogue.ts';
import { pageThreads } from './page-threads.ts';
import { Player } from './player.ts';
import { fitBaselines, type TrainingSet, trainingSet } from './train-here.ts';

/** Sessions to train on, with what their items are called. */
export interface Log {
  readonly splits: UnpackedSplits;
  readonly data: TrainingSet;
  readonly catalogue: ModelCatalogue;
  /** SR and S-KNN, fitted to them. */
  readonly baselines: readonly Scorer[];
}

/** Files of the shop, in the folder of the page. */
const SHOP_SESSIONS = 'shop/sessions.bin';
const SHOP_ITEMS = 'shop/items.json';

/** The items of the shop, by item index. */
interface ShopItems {
  readonly ids: readonly string[];
  readonly titles: readonly string[];
  readonly groups: readonly number[];
  readonly groupNames: readonly string[];
}

/** Opens what the page's folder holds, each thing once. */
export class Sources {
  readonly #page: string;
  #engine: Promise<WasmEngine> | undefined;
  #shop: Promise<Log> | undefined;

  /** @param page - address of the page. */
  constructor(page: string) {
    this.#page = page;
  }

  /** The engine that all models share. */
  engine(): Promise<WasmEngine> {
    const { crossOriginIsolated, navigator } = globalThis;
    const threads = pageThreads(crossOriginIsolated, navigator.hardwareConcurrency);
    this.#engine ??= openWasmEngine({ threads }).catch((error) => {
      this.#engine = undefined;
      throw error;
    });
    return this.#engine;
  }

  /** The generated log of a shop. */
  shop(): Promise<Log> {
    // Asked for again after a failed one.
    this.#shop ??= this.#openShop().catch((error) => {
      this.#shop = undefined;
      throw error;
    });
    return this.#shop;
  }

  /** The model of the site, and its sessions if it has some. */
  async site({
    model: folder = 'model/',
    sessions,
    features: file,
  }: SiteManifest): Promise<{ player: Player; log?: Log }> {
    const engine = await this.engine();
    const model = await loadModel(this.#address(folder), { engine });
    const splits = sessions === undefined ? undefined : unpackSessions(await this.#bytes(sessions));
    const data = splits && trainingSet(splits, [...model.itemIds]);
    const features = file === undefined ? undefined : await this.#json<SiteFeatures>(file);
    const items = await this.#catalogueOf(model, folder, data);
    const catalogue = new ModelCatalogue({ ...items, ...(features && { features }) });
    const log = splits && data && { splits, data, catalogue, baselines: fitBaselines(data) };
    return { player: new Player(model, catalogue, log?.baselines ?? []), ...(log && { log }) };
  }

  async #openShop(): Promise<Log> {
    const [bytes, items] = await Promise.all([this.#bytes(SHOP_SESSIONS), this.#json<ShopItems>(SHOP_ITEMS)]);
    const splits = unpackSessions(bytes);
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

  async #fetch(path: string): Promise<Response> {
    const response = await fetch(this.#address(path));
    if (response.ok) return response;
    throw new Error(`${path}: expected a file, the server answered ${response.status}.`);
  }

  async #bytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await (await this.#fetch(path)).arrayBuffer());
  }

  async #json<Value>(path: string): Promise<Value> {
    return (await (await this.#fetch(path)).json()) as Value;
  }
}
