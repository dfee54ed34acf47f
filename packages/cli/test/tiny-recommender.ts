import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { type Outcome, runHere } from './run-trainer.ts';
import { trainTiny, useTinyShop } from './tiny-shop.ts';

/** An item of a JSON answer. */
export interface NamedItem {
  readonly itemId: string;
  readonly score: number;
  readonly group?: string;
}

/** The ids of these items, in their order. */
export const idsOf = (items: readonly NamedItem[]) => items.map(({ itemId }) => itemId);

/** Trains `model` on the tiny shop once per test file, and asks it with `trainer recommend`. */
export function useTinyRecommender() {
  const folder = useTinyShop();
  /** Items of the model, once the tests run. */
  const known: string[] = [];
  beforeAll(async () => {
    await trainTiny(folder(), 'model');
    const lines = readFileSync(join(folder(), 'clicks.tsv'), 'utf8').split('\n').slice(1, 100);
    known.push(...new Set(lines.map((line) => line.split('\t')[1] ?? '')));
  });

  const trainer = (...argv: string[]): Promise<Outcome> => runHere(folder(), 'recommend', 'model', ...argv);
  const recommend = (session: string, ...more: string[]) => trainer('--session', session, ...more);
  /** Writes a file into the folder in which the commands run. */
  const write = (name: string, text: string) => writeFileSync(join(folder(), name), text);

  /** The items of a JSON answer. */
  async function itemsOf(session: string, ...more: string[]): Promise<NamedItem[]> {
    const { code, stdout, stderr } = await recommend(session, '--json', ...more);
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout).items;
  }

  return { folder, known, trainer, recommend, write, itemsOf };
}
