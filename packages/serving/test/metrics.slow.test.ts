import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EventLog, FallbackStore, MemoryStore } from '../src/index.ts';
import { startServer, testFolder } from './tiny-server.ts';

describe('GET /metrics', () => {
  it('counts requests, batches, sessions, unknown items and fallbacks, without a label by item or session', async () => {
    const { ask } = await startServer();
    for (const item of ['1021', '1035', 'unknown-item']) await ask('/v1/sessions/ann/events', { item });
    await ask('/v1/sessions/ben/recommendations');
    await ask('/v1/recommend', { items: ['unknown-item'] });
    await ask('/v1/recommend', { wrong: 1 });
    await ask('/nothing');
    const { body, headers } = await ask('/metrics');
    expect(headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const { version } = (await ask('/v1/models')).body.models[0];
    const labels = (method: string, route: string, status: number) =>
      `http_request_method="${method}",http_route="${route}",http_response_status_code="${status}"`;
    const events = labels('POST', '/v1/sessions/:sessionId/events', 200);
    for (const line of [
      `http_server_request_duration_seconds_bucket{le="0.0005",${events}}`,
      `http_server_request_duration_seconds_count{${events}} 3`,
      `http_server_request_duration_seconds_count{${labels('POST', '/v1/recommend', 400)}} 1`,
      `http_server_request_duration_seconds_count{${labels('GET', 'none', 404)}} 1`,
      'gru4rec_inference_duration_seconds_count{model="shop",stage="queue"} 5',
      'gru4rec_inference_duration_seconds_count{model="shop",stage="step"} 5',
      'gru4rec_inference_duration_seconds_count{model="shop",stage="topk"} 5',
      'gru4rec_batch_size_count{model="shop"} 5',
      'gru4rec_sessions 1',
      'gru4rec_unknown_items_total{model="shop"} 2',
      'gru4rec_fallback_total{model="shop"} 2',
      `gru4rec_model_info{model="shop",folder="model",version="${version}",items="30"} 1`,
      'nodejs_eventloop_lag_seconds',
    ]) {
      expect(body).toContain(line);
    }
    // Numbers may have any digits.
    const values = [...String(body).matchAll(/(\w+)="([^"]*)"/g)].filter(([, name]) => name !== 'version');
    expect(values.length).toBeGreaterThan(0);
    for (const [, , value] of values) expect(value).not.toMatch(/ann|1021|unknown-item/);
  });
});

describe('docs/grafana.json', () => {
  it('shows only metrics that the server has, and all that this package adds but two and those of learning', async () => {
    const dashboard = JSON.parse(
      readFileSync(new URL('../../../docs/grafana.json', import.meta.url), 'utf8'),
    );
    const shown: string[] = dashboard.panels.flatMap(({ targets }: { targets: { expr: string }[] }) =>
      targets.flatMap(({ expr }) => expr.match(/\b(?:gru4rec|http_server|nodejs|process)_\w+/g) ?? []),
    );
    const names = new Set(shown.map((name) => name.replace(/_(bucket|sum|count)$/, '')));
    const log = await EventLog.open(testFolder());
    const { ask } = await startServer({
      observers: [log],
      learn: { log, output: join(testFolder(), 'learnt') },
      sessions: new FallbackStore(new MemoryStore()),
    });
    const known = [...(await ask('/metrics')).body.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name);
    expect([...names].filter((name) => !known.includes(name))).toEqual([]);
    const own = known.filter((name) => /^(gru4rec_(?!learn_)|http_)/.test(name));
    const left = own.filter((name) => !names.has(name));
    expect(left).toEqual(['gru4rec_online_predictions', 'gru4rec_online_sessions']);
  });
});
