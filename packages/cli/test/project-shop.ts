import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from './run-trainer.ts';

const DAY_MS = 86_400_000;

export function writeProject(folder: string, content: object): void {
  writeFileSync(join(folder, 'gru4rec.json'), JSON.stringify(content));
}

/** What the project file of `makeProject` has. */
export const shopProject = {
  log: 'clicks.csv',
  columns: { user: 'visitor', item: 'sku', time: 'at' },
  train: { config: 'fast', set: ['nEpochs=1', 'layers=8'] },
};

/** A shop whose columns and paths have unusual names, and whose 90 visitors return. Visitor `number` has the id `id`. */
export function makeProject(more: object = {}, { number = -1, id = '' } = {}): string {
  const folder = makeFolder();
  const startMs = Date.parse('2026-05-01');
  const rows = Array.from({ length: 1200 }, (_, at) => {
    const visit = Math.floor(at / 3);
    const visitor = visit % 90 === number ? id : `v${visit % 90}`;
    const time = new Date(startMs + (visit * DAY_MS) / 20 + at * 60_000).toISOString();
    return `${visitor},p${(visit + (at % 3)) % 20},${time}\n`;
  });
  writeFileSync(join(folder, 'clicks.csv'), ['visitor,sku,at\n', ...rows].join(''));
  writeProject(folder, { ...shopProject, ...more });
  return folder;
}
