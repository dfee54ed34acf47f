import { describe, expect, it, onTestFinished } from 'vitest';
import { Connections, eventRequest } from '../../src/load/connections.ts';
import { loadAtRate, loadAtSaturation } from '../../src/load/generate-load.ts';
import { Replay } from '../../src/load/replay.ts';
import { readFigures, ServerProcess } from '../../src/load/server-process.ts';
import { bareFastify } from '../../src/suites/serve-load.ts';

const log = {
  itemIds: ['a', 'b "quoted"'],
  sessionOffsets: Int32Array.of(0, 2),
  items: Int32Array.of(0, 1),
};
const address = /http:\S+/;

/** A program in the place of a server. */
function script(code: string) {
  return { file: process.execPath, words: ['-e', code], address };
}

describe('ServerProcess', () => {
  it('starts a server, loads it over real connections and stops it', async () => {
    const server = await ServerProcess.start(bareFastify());
    const connections = new Connections(server.url, 4);
    onTestFinished(async () => {
      await connections.close();
      await server.stop();
    });
    const target = {
      replay: new Replay(log, 4, 'a/b'),
      requestOf: eventRequest,
      send: connections.send.bind(connections),
    };
    const full = await loadAtSaturation(target, 4, { seconds: 10, requests: 100 });
    expect([full.answered, full.errors]).toEqual([100, 0]);
    expect(full.latencies.p50).toBeGreaterThan(0);
    const even = await loadAtRate(
      target,
      4,
      Float64Array.from({ length: 20 }, (_, at) => at),
    );
    expect([even.answered, even.errors]).toEqual([20, 0]);
    await expect(readFigures(server.url)).rejects.toThrow('expected process_cpu_user_seconds_total');
    await server.stop();
    await expect(connections.send({ path: '/', body: '' })).rejects.toThrow();
  });

  it('says what a server that does not start complained about', async () => {
    const broken = script("console.error('no such model'); process.exitCode = 2");
    await expect(ServerProcess.start(broken)).rejects.toThrow(/ended with 2: no such model$/);
    await expect(ServerProcess.start({ file: '/nowhere/node', words: [], address })).rejects.toThrow(
      'ENOENT',
    );
  });

  it('measures the time until the address appears, in however many pieces', async () => {
    const slow = script(
      "process.stdout.write('at http:'); setTimeout(() => console.log('//127.0.0.1:9'), 300); setInterval(() => 0, 1e3)",
    );
    const server = await ServerProcess.start({ ...slow, address: /http:\S+\d/ });
    expect(server.url).toBe('http://127.0.0.1:9');
    expect(server.startSeconds).toBeGreaterThan(0.3);
    if (process.platform === 'linux') expect(server.peakMiB).toBeGreaterThan(10);
    await server.stop();
    await server.stop();
  });
});
