import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Gru4Rec } from '@gru4rec/model';
import { expect, onTestFinished } from 'vitest';

export function pathOfExample(name: string): string {
  return fileURLToPath(new URL(`../examples/${name}`, import.meta.url));
}

/** Starts a server on a free port, which it prints. */
export function startServer(folder: string, ...argv: string[]): Promise<string> {
  const server = spawn(process.execPath, [...argv, '0'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  onTestFinished(() => void server.kill());
  return new Promise<string>((resolve, reject) => {
    let complaint = '';
    server.stdout!.once('data', (line) => resolve(String(line).trim()));
    server.stderr!.on('data', (text) => {
      complaint += text;
    });
    server.once('exit', (code) => reject(new Error(`ended with ${code}: ${complaint}`)));
  });
}

async function post(address: string, body: unknown): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${address}/clicks`, { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}

/** Expects a server of 20 best items to answer visitors like the model, and wrong requests with 400. */
export async function expectAnswersOf(model: Gru4Rec, address: string): Promise<void> {
  await expectVisits(model, address);
  await expectClicksAtOnce(model, address);
  const again = { visitor: 'ann', item: 'nothing of ours' };
  expect(await post(address, again)).toEqual({ status: 200, body: { known: false, items: [] } });
  expect(await post(address, { visitor: 'ann' })).toMatchObject({ status: 400 });
  expect(await post(address, null)).toMatchObject({ status: 400 });
  expect((await fetch(address)).status).toBe(400);
  const long = { visitor: 'x'.repeat(20_000), item: 'y' };
  expect(await post(address, long)).toMatchObject({ status: 400 });
}

async function expectVisits(model: Gru4Rec, address: string): Promise<void> {
  const visits = { ann: model.startSession(), bob: model.startSession() };
  const clicks = [
    ['ann', 3],
    ['bob', 7],
    ['ann', 11],
    ['ann', 3],
    ['bob', 39],
  ] as const;
  for (const [visitor, index] of clicks) {
    const item = model.itemIds.at(index)!;
    visits[visitor].click(item);
    const expected = visits[visitor].recommend(20).map(({ id }) => id);
    expect(await post(address, { visitor, item })).toEqual({
      status: 200,
      body: { known: true, items: expected },
    });
  }
}

/** Expects the server to process concurrent clicks one after another, in any order. */
async function expectClicksAtOnce(model: Gru4Rec, address: string): Promise<void> {
  const at = { visitor: 'cat', item: model.itemIds.at(5)! };
  const answers = await Promise.all([post(address, at), post(address, at), post(address, at)]);
  const cat = model.startSession();
  const expected = answers.map(() => {
    cat.click(at.item);
    return { status: 200, body: { known: true, items: cat.recommend(20).map(({ id }) => id) } };
  });
  expect(answers).toEqual(expect.arrayContaining(expected));
}
