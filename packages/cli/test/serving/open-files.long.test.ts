import { utimesSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { useTinyModel } from '../tiny-shop.ts';
import { type ListBody, ServerProcess } from './server-process.ts';

const folder = useTinyModel();
beforeEach((ctx) => {
  if (process.platform !== 'linux') ctx.skip('only Linux reports open files');
});

const LOADED = /"msg":"A model is loaded"/g;

describe('trainer serve with a limit of open files', () => {
  it.each([64, 256, 1024])(
    'of %i survives more idle connections, and loads a model meanwhile',
    async (limit) => {
      const server = await ServerProcess.startLimited(folder(), limit, 'model');
      expect(await server.click('ann', '1')).toBe(200);
      const sockets = Array.from({ length: limit + 200 }, () =>
        connect(Number(server.port), '127.0.0.1').on('error', () => undefined),
      );
      const idle = (): Socket[] => sockets.filter((socket) => !socket.closed && !socket.connecting);
      const [, most] = /"connections":(\d+)/.exec(server.log) ?? [];
      await expect.poll(() => idle().length, { timeout: 30_000 }).toBeLessThanOrEqual(Number(most));
      utimesSync(join(folder(), 'model', 'model.json'), new Date(), new Date());
      await expect.poll(() => server.log.match(LOADED), { timeout: 120_000 }).toHaveLength(2);
      expect(idle().length).toBeGreaterThan(Number(most) / 2);
      for (const socket of sockets) socket.destroy();
      const { body } = await server.ask<ListBody>('/v1/sessions/ann/recommendations?n=1');
      expect(body.unknown.length + body.items.length).toBeGreaterThan(0);
      expect((await server.ask('/metrics')).body).toContain('gru4rec_sessions 1');
      expect(await server.stop()).toBe(0);
    },
    180_000,
  );
});
