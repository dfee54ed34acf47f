import { TrainingStopped } from '@gru4rec/model';
import { expose, transfer } from 'comlink';
import type { SiteManifest } from '../../site/site-files.ts';
import type { ModelCatalogueData } from '../items/catalogue.ts';
import { type Contributions, type ItemRows, rowOf } from '../items/explain.ts';
import { projectItems } from '../items/project.ts';
import type { Play } from '../session.ts';
import { type Answer, embeddingOf, Player } from './player.ts';
import { type Log, Sources } from './sources.ts';
import {
  evaluateHere,
  type HeldOutFigures,
  type TrainProgress,
  type TrainSettings,
  trainHere,
} from './train-here.ts';

export type PlayableName = 'site' | 'trained';

export interface Opened {
  readonly catalogue: ModelCatalogueData;
  readonly facts: ModelFacts;
}

export interface ModelFacts {
  readonly items: number;
  readonly cell: string;
  readonly layers: readonly number[];
  readonly loss: string;
  readonly epochs: number;
  readonly threads: number;
  /** Sessions that the baselines were fitted to; 0 if there are none. */
  readonly baselineSessions: number;
  /** Whether the page can train on the site's own sessions. */
  readonly hasOwnLog: boolean;
}

export interface TrainRequest {
  /** The generated shop, or the sessions of the site. */
  readonly on: 'shop' | 'site';
  readonly settings: TrainSettings;
}

/** Everything that computes, in workers; the page keeps no model. */
export class PlaygroundWorker {
  readonly #players = new Map<PlayableName, Player>();
  readonly #sources: Sources;
  #siteLog: Log | undefined;
  #stop: AbortController | undefined;

  constructor(page: string) {
    this.#sources = new Sources(page);
  }

  async openSite(manifest: SiteManifest): Promise<Opened> {
    const { player, log } = await this.#sources.site(manifest);
    this.#siteLog = log;
    return this.#open('site', player, log);
  }

  async describeLog(
    on: TrainRequest['on'],
  ): Promise<Readonly<Record<'items' | 'sessions' | 'events' | 'heldOut', number>>> {
    const { splits } = await this.#logOf(on);
    const { train, test, itemCount: items } = splits;
    return {
      items,
      sessions: train.sessionOffsets.length - 1,
      events: train.items.length,
      heldOut: (test?.sessionOffsets.length ?? 1) - 1,
    };
  }

  /** @returns undefined if training was stopped; stopping the evaluation leaves out figures. */
  async train(
    { on, settings }: TrainRequest,
    onProgress: (progress: TrainProgress) => void,
    onFigures: (figures: HeldOutFigures) => void,
  ): Promise<Opened | undefined> {
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    const log = await this.#logOf(on);
    const engine = await this.#sources.engine();
    try {
      const model = await trainHere(log.data, log.splits.validation ?? log.splits.test, settings, {
        engine,
        signal,
        onProgress,
      });
      const { test } = log.splits;
      if (test) await evaluateHere([model.scorer(), ...log.baselines], test, { signal, onFigures });
      return this.#open('trained', new Player(model, log.catalogue, log.baselines), log);
    } catch (error) {
      if (error instanceof TrainingStopped) return undefined;
      throw error;
    }
  }

  stop(): void {
    this.#stop?.abort();
  }

  answer(name: PlayableName, play: Play): Answer {
    return this.#player(name).answer(play);
  }

  explain(name: PlayableName, play: Play): Contributions | undefined {
    return this.#player(name).explain(play);
  }

  /** Rows of the embedding of some items, in their order (transferred). */
  rowsOf(name: PlayableName, ids: readonly string[]): ItemRows {
    const { model, catalogue } = this.#player(name);
    const table = embeddingOf(model);
    const values = new Float32Array(ids.length * table.cols);
    for (const [place, id] of ids.entries()) {
      const item = catalogue.indexOf(id);
      if (item !== undefined) values.set(rowOf(table, item), place * table.cols);
    }
    return transfer({ rows: ids.length, cols: table.cols, values }, [values.buffer]);
  }

  /** The page asks a second worker, so that the first answers clicks meanwhile. */
  projectItems(table: ItemRows): Float32Array {
    return projectItems(table);
  }

  async #logOf(on: TrainRequest['on']): Promise<Log> {
    if (on === 'shop') return this.#sources.shop();
    if (!this.#siteLog) throw new Error('The site has no sessions to train on.');
    return this.#siteLog;
  }

  #player(name: PlayableName): Player {
    const player = this.#players.get(name);
    if (!player) throw new Error(`No model is open as ${name}.`);
    return player;
  }

  async #open(name: PlayableName, player: Player, log: Log | undefined): Promise<Opened> {
    this.#players.get(name)?.close();
    this.#players.set(name, player);
    player.warmUp();
    const { config, history } = player.model;
    const { threads } = await this.#sources.engine();
    return {
      catalogue: player.catalogue.data,
      facts: {
        items: player.catalogue.length,
        cell: config.cell.toUpperCase(),
        layers: config.layers,
        loss: config.loss,
        epochs: history.length,
        threads,
        baselineSessions: log ? log.data.train.sessionOffsets.length - 1 : 0,
        hasOwnLog: this.#siteLog !== undefined,
      },
    };
  }
}

expose(PlaygroundWorker);
