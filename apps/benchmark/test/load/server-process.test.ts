import { expect, it } from 'vitest';
import { loadServer } from '../../src/load/load-server.ts';
import { withServer } from '../../src/load/server-process.ts';

const program = (code: string) => ({ file: process.execPath, words: ['-e', code] });

it('gives no figure if a request fails', async () => {
  const log = { itemIds: ['a'], sessionOffsets: Int32Array.of(0, 1), items: Int32Array.of(0) };
  const server = program(`require('node:http').createServer(({ method }, answer) => {
    answer.statusCode = method === 'POST' ? 503 : 200;
    answer.end('process_cpu_user_seconds_total 1\\nprocess_cpu_system_seconds_total 1\\nnodejs_eventloop_lag_p99_seconds 1');
  }).listen(0, '127.0.0.1', function () { console.log('at http://127.0.0.1:' + this.address().port + ' now'); });`);
  const failing = withServer(server, (running) => loadServer(running, log, { seconds: 0.1, rate: 100 }));
  await expect(failing).rejects.toThrow('10 requests failed, the first with status 503');
});
