import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { freePort, GuardedServer } from '@gru4rec/test-support';
import { describe, expect, it, onTestFinished } from 'vitest';
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

const dashboard: { panels: { title: string; targets: { expr: string }[] }[] } = JSON.parse(
  readFileSync(new URL('../../../docs/grafana.json', import.meta.url), 'utf8'),
);
const queries = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

async function startWithAll() {
  const log = await EventLog.open(testFolder());
  return startServer({
    observers: [log],
    learn: { log, output: join(testFolder(), 'learnt') },
    sessions: new FallbackStore(new MemoryStore()),
  });
}

describe('docs/grafana.json', () => {
  it('has queries that a Prometheus answers with numbers, all of them', async (ctx) => {
    const folders = (process.env['PATH'] ?? '').split(delimiter);
    const program = folders.map((folder) => join(folder, 'prometheus')).find((path) => existsSync(path));
    if (program === undefined) return ctx.skip('no Prometheus is installed');
    const { ask, url } = await startWithAll();
    const prometheus = new GuardedServer({ name: 'prometheus', stopSignal: 'TERM', log: 'stderr' });
    onTestFinished(() => prometheus.close());
    const config = join(prometheus.folder, 'prometheus.yml');
    const job = { job_name: 'gru4rec', static_configs: [{ targets: [new URL(url).host] }] };
    // YAML is a superset of JSON.
    writeFileSync(config, JSON.stringify({ global: { scrape_interval: '500ms' }, scrape_configs: [job] }));
    const address = `127.0.0.1:${await freePort()}`;
    const data = join(prometheus.folder, 'data');
    await prometheus.run([
      program,
      `--config.file=${config}`,
      `--storage.tsdb.path=${data}`,
      `--web.listen-address=${address}`,
    ]);
    let left = queries;
    const visit = async (session: number) => {
      for (const item of ['1021', '1035', 'unknown'])
        await ask(`/v1/sessions/s${session}/events`, { item, n: 20 });
      await ask('/v1/recommend', { items: ['unknown'] });
      await ask('/v1/recommend', { wrong: 1 });
    };
    for (let session = 0; session < 2000 && left.length > 0; session++) {
      await visit(session);
      if (session % 40 === 0) {
        const answered = await Promise.all(left.map((query) => hasNumbers(address, query)));
        left = left.filter((_, at) => !answered[at]);
      }
    }
    expect(left).toEqual([]);
  });

  it('shows only metrics that the server has, and all that this package adds but two and those of learning', async () => {
    const shown = queries.flatMap(
      (query) => query.match(/\b(?:gru4rec|http_server|nodejs|process)_\w+/g) ?? [],
    );
    const names = new Set(shown.map((name) => name.replace(/_(bucket|sum|count)$/, '')));
    const { ask } = await startWithAll();
    const known = [...(await ask('/metrics')).body.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name);
    expect([...names].filter((name) => !known.includes(name))).toEqual([]);
    const own = known.filter((name) => /^(gru4rec_(?!learn_)|http_)/.test(name));
    const left = own.filter((name) => !names.has(name));
    expect(left).toEqual(['gru4rec_online_predictions', 'gru4rec_online_sessions']);
  });
});

/** @throws Error if Prometheus refuses the query. */
async function hasNumbers(address: string, query: string): Promise<boolean> {
  const asked = new URLSearchParams({ query: query.replaceAll('$__rate_interval', '5s') });
  const { data, error } = await (await fetch(`http://${address}/api/v1/query?${asked}`)).json();
  if (error) throw new Error(`${query}: ${error}`);
  const values: string[] = data.result.map(({ value }: { value: [number, string] }) => value[1]);
  return values.length > 0 && values.every((value) => Number.isFinite(Number(value)));
}
