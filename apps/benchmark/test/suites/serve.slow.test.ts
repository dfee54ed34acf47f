import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { reachesGoal } from '../../src/contest.ts';
import { measuredSizes, measureServing } from '../../src/suites/serve.ts';

it('measures a server of ours from its start, at a rate and at saturation, next to Fastify, and a mix', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'benchmark-serve-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const options = { rounds: 1, seconds: 0.5, engine: {}, only: /^60 items/, folder };
  const sizes = measuredSizes.slice(0, 2).map((size) => ({ ...size, items: 60, units: 8, events: 3000 }));
  const rows = await measureServing(options, sizes);
  expect(rows.map(({ name, unit, bound }) => [name, unit, bound])).toEqual([
    ['60 items × 8 units, start to ready', 's', 3],
    ['60 items × 8 units, saturation, 64 connections', 'requests/s', 4000],
    ['60 items × 8 units, saturation, 64 connections: lag of the event loop, p99', 'ms', 5],
    ['60 items × 8 units, 1,000 requests/s: latency, p99', 'ms', 5],
    ['60 items × 8 units mixed with V-SKNN, start to ready', 's', undefined],
    ['60 items × 8 units mixed with V-SKNN, saturation, 64 connections', 'requests/s', 2000],
    ['60 items × 8 units mixed with V-SKNN, 500 requests/s: latency, p99', 'ms', 10],
  ]);
  const [ready, saturation, lag, rate] = rows;
  expect(ready?.ours.figure.median).toBeGreaterThan(0.1);
  expect(saturation?.peers.map(({ name }) => name)).toEqual(['Fastify without a model']);
  expect(saturation?.ours.correctness['requests']).toBeGreaterThan(10);
  expect(lag?.peers).toEqual([]);
  expect(rate?.ours.correctness).toMatchObject({ requests: 500, sentLateP99Ms: expect.any(Number) });
  expect(rate?.ours.figure.median).toBe(rate?.ours.correctness['p99Ms']);
  expect(rate && reachesGoal(rate)).toBe((rate?.ours.figure.median ?? 0) <= 5);
});

it('measures nothing and makes no model if no row is requested', async () => {
  const options = { rounds: 1, seconds: 1, engine: {}, only: /nothing/, folder: '/nowhere' };
  expect(await measureServing(options)).toEqual([]);
});
