import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failing, makeFolder, ok } from '../run-trainer.ts';

const DAYS = 20;
const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 4, 1);
let folder = '';
let visitors: Visitor[] = [];
interface Visitor {
  readonly arm: string;
  readonly ms: number;
  /** Spent and kept. */
  cents: number;
}

/** Park and Miller's generator. */
function random(seed: number) {
  let state = seed;
  return () => {
    state = (48_271 * state) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** A shop of two servers in which lists sell more, and some of it comes back. */
function writeLogs(events: string, { perDay, wrong = 0 }: { perDay: number; wrong?: number }) {
  const next = random(3);
  const visitors: Visitor[] = [];
  let endMs = 0;
  const files = new Map<string, object[]>();
  const put = (server: string, kind: string, ms: number, line: object) => {
    if (!('Value' in line && Number(line.Value) < 0)) endMs = Math.max(endMs, ms);
    const name = join(events, server, kind, `${new Date(ms).toISOString().slice(0, 10)}.jsonl`);
    files.set(name, [...(files.get(name) ?? []), { ...line, Time: new Date(ms).toISOString() }]);
  };
  for (const server of ['eu', 'us']) mkdirSync(join(events, server, 'answers'), { recursive: true });
  for (let visitor = 0; visitor < DAYS * perDay; visitor++) {
    const ms = START + Math.floor(visitor / perDay) * DAY_MS + Math.floor(next() * 8e7);
    const [SessionId, server] = [`v${visitor}`, next() < 0.5 ? 'eu' : 'us'];
    const Arm = next() < 0.6 + wrong ? 'model' : 'none';
    const list = {
      SessionId,
      Kind: 'answer',
      RecommendationId: `r${visitor}`,
      Place: 'product',
      Arm,
      Share: Arm === 'none' ? 0.4 : 0.6,
    };
    const own = { arm: Arm, ms, cents: 0 };
    visitors.push(own);
    put(server, 'answers', ms, { ...list, Items: Arm === 'none' ? [] : ['hat', 'sock'] });
    if (next() > (Arm === 'model' ? 0.4 : 0.3)) continue;
    const cents = 1000 + Math.floor(5000 * next());
    const order = {
      SessionId,
      ItemId: 'hat',
      EventId: `e${visitor}`,
      OrderId: `o${visitor}`,
      Value: cents / 100,
    };
    put(server, '', ms + 60_000, order);
    const isBack = next() < 0.1;
    if (isBack)
      put(server, 'answers', ms + DAY_MS, {
        SessionId,
        Kind: 'return',
        Items: ['hat'],
        OrderId: order.OrderId,
        Value: -order.Value,
      });
    own.cents = isBack ? 0 : cents;
  }
  for (const [name, lines] of files) {
    // Late and twice.
    const text = [...lines, lines[0] ?? {}].reverse().map((line) => JSON.stringify(line));
    writeFileSync(name, `${text.join('\n')}\n`);
  }
  return visitors.filter(({ ms }) => ms + 3 * DAY_MS <= endMs);
}

beforeAll(() => {
  folder = makeFolder(afterAll);
  visitors = writeLogs(join(folder, 'events'), { perDay: 300 });
  writeLogs(join(folder, 'uneven'), { perDay: 300, wrong: 0.1 });
  writeLogs(join(folder, 'few'), { perDay: 20, wrong: 1e-9 });
});

describe('trainer impact', () => {
  it('says first what lists earn beside none, and sums to the cent', async () => {
    const { stdout } = await ok(
      folder,
      'impact --events events --within 3d --html impact.html --currency EUR',
    );
    expect(stdout).toMatch(
      /^Lists at "product" earn \d+\.\d % more per visitor than none; 95 %: \d.* to \d.*; day 1[67], [\d,]+ visitors\.\n/,
    );
    expect(readFileSync(join(folder, 'impact.html'), 'utf8')).toContain('per visitor than none');
    const { places } = JSON.parse((await ok(folder, 'impact --events events --within 3d --json')).stdout);
    const [{ arms, judgements, warnings }] = places;
    expect(warnings).toEqual([]);
    for (const { arm, visitors: count, revenuePerVisitor } of arms) {
      const own = visitors.filter((one) => one.arm === arm);
      expect(count).toBe(own.length);
      expect(100 * revenuePerVisitor * count).toBeCloseTo(
        own.reduce((sum, { cents }) => sum + cents, 0),
        4,
      );
    }
    const { relative } = judgements[0].course.at(-1);
    // Of 100 visitors 40 buy instead of 30.
    expect(relative.interval[0]).toBeLessThan(1 / 3);
    expect(relative.interval[1]).toBeGreaterThan(1 / 3);
    expect(relative.interval[0]).toBeGreaterThan(0);
  });

  it('compares nothing where the sizes of the arms are not by chance, or visitors are few', async () => {
    expect((await ok(folder, 'impact --events uneven --within 3d')).stdout).toMatch(
      /are not compared.*\n\nWarning: These sizes/,
    );
    expect((await ok(folder, 'impact --events few')).stdout).toMatch(
      /cannot be compared yet: that takes 1,000 visitors an arm/,
    );
  });

  it('refuses a folder without answers', async () => {
    mkdirSync(join(folder, 'clicks'));
    expect(await failing(folder, 'impact --events clicks')).toContain('expected an event log with answers');
    expect(await failing(folder, 'impact --events nothing')).toContain('got one that cannot be read');
  });
});
