import { Pool } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadAtRate, loadAtSaturation } from '../../src/load/generate-load.ts';
import { replayOf, sendClick } from '../../src/load/load-server.ts';
import { readFigures, withServer } from '../../src/load/server-process.ts';
import { bareServer } from '../../src/suites/serve.ts';

const log = {
  itemIds: ['a', 'b "quoted"'],
  sessionOffsets: Int32Array.of(0, 2),
  items: Int32Array.of(0, 1),
};
/** A program in the place of a server. */
function script(code: string) {
  return { file: process.execPath, words: ['-e', code] };
}

describe('withServer', () => {
  it('starts a server, loads it over real connections and stops it', async () => {
    const url = await withServer(bareServer(), async (server) => {
      const pool = new Pool(server.url, { connections: 4 });
      onTestFinished(() => pool.destroy());
      const next = replayOf(log, 'a/b');
      const send = (visitor: number) => sendClick(pool, next(visitor));
      const full = await loadAtSaturation(send, 4, { seconds: 10, requests: 100 });
      expect([full.answered, full.errors]).toEqual([100, 0]);
      expect(full.latencies.p50).toBeGreaterThan(0);
      const arrivals = Float64Array.from({ length: 20 }, (_, at) => at);
      const even = await loadAtRate(send, 4, arrivals);
      expect([even.answered, even.errors]).toEqual([20, 0]);
      await expect(readFigures(server.url)).rejects.toThrow('expected process_cpu_user_seconds_total');
      return server.url;
    });
    await expect(fetch(url)).rejects.toThrow();
  });

  it('says what a server that does not start complained about', async () => {
    const use = async () => undefined;
    const broken = script("console.error('no such model'); process.exitCode = 2");
    await expect(withServer(broken, use)).rejects.toThrow(/ended with 2: no such model$/);
    await expect(withServer({ file: '/nowhere/node', words: [] }, use)).rejects.toThrow('ENOENT');
  });

  it('measures the time until the address appears, in however many pieces', async () => {
    const slow = script(
      "process.stdout.write('at http:'); setTimeout(() => console.log('//127.0.0.1:9'), 300); setInterval(() => 0, 1e3)",
    );
    await withServer(slow, async ({ url, startSeconds, peakMiB }) => {
      expect(url).toBe('http://127.0.0.1:9');
      expect(startSeconds).toBeGreaterThan(0.3);
      if (process.platform === 'linux') expect(peakMiB()).toBeGreaterThan(10);
    });
  });
});
