import type { Work } from '../measure.ts';
import { parts } from '../parts/parts.ts';
import type { SideAnswer, SideRequest } from './side.ts';

const works = new Map<string, Work>();

async function answer({ row, times }: SideRequest): Promise<SideAnswer> {
  const work = works.get(row) ?? (await prepare(row));
  const start = process.cpuUsage();
  work(times);
  const { user, system } = process.cpuUsage(start);
  return { microseconds: user + system };
}

async function prepare(name: string): Promise<Work> {
  const row = parts.find((one) => one.name === name);
  if (row === undefined) throw new Error(`there is no row ${name}`);
  const work = await row.prepare();
  works.set(name, work);
  return work;
}

process.on('message', async (request: SideRequest) => {
  process.send?.(await answer(request).catch((error: unknown) => ({ problem: String(error) })));
});
