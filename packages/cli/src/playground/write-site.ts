import { existsSync } from 'node:fs';
import { cp, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { writeWeb } from '@gru4rec/export';
import type { WebWeights } from '@gru4rec/model';
import { MANIFEST_FILE, packSessions, pageFolder, type SiteManifest } from '@gru4rec/playground';
import { readRecommenderItemInfo } from '@gru4rec/recommender';
import { readDataset, readModel } from '../arguments/read-inputs.ts';
import { siteSessions } from './site-sessions.ts';

/** What a site is made of. */
export interface SiteContents {
  /** Folder of a model; a site without one trains only. */
  readonly model: string | undefined;
  /** Folder that records something about items: that of the model, or of the mix that has it. */
  readonly itemInfo?: string | undefined;
  /** Folder of a dataset, for baselines and training. */
  readonly data: string | undefined;
  /** Training sessions to take along, the latest ones. */
  readonly sessions: number;
  readonly weights: WebWeights;
}

const MODEL_FOLDER = 'model';
const SESSIONS_FILE = 'sessions.bin';

/** @throws Error if the page is not built. */
export function checkPage(page: string = pageFolder): void {
  if (existsSync(join(page, 'index.html'))) return;
  throw new Error(
    `The page of the playground is not built. In a clone, run \`pnpm --filter @gru4rec/playground build\` once`,
  );
}

/**
 * Writes the page and what it shows.
 *
 * @param folder - empty.
 * @param page - the built page.
 * @throws Error if the page is not built, or model or dataset cannot be read or do not fit each other.
 */
export async function writeSite(
  folder: string,
  { model, itemInfo = model, data, sessions, weights }: SiteContents,
  page: string = pageFolder,
): Promise<void> {
  checkPage(page);
  await cp(page, folder, { recursive: true });
  if (model === undefined) return;
  const stored = await readModel(model);
  const manifest: SiteManifest = {
    name: basename(model),
    model: `${MODEL_FOLDER}/`,
    ...(data !== undefined && { sessions: SESSIONS_FILE }),
  };
  if (data !== undefined) {
    const splits = siteSessions(stored.itemIds, await readDataset(data), sessions);
    await writeFile(join(folder, SESSIONS_FILE), packSessions(splits, stored.itemIds.length));
  }
  const info = itemInfo === undefined ? undefined : await readRecommenderItemInfo(itemInfo);
  await writeWeb(stored, join(folder, MODEL_FOLDER), { weights, itemInfo: info });
  await writeFile(join(folder, MANIFEST_FILE), `${JSON.stringify(manifest, undefined, 2)}\n`);
}
