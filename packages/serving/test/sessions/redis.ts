import { RedisServer, redisForTests } from '@gru4rec/test-support';
import { createClient } from '@redis/client';
import { afterAll, beforeAll, beforeEach } from 'vitest';

/** A Redis server for the tests of a file, which are skipped if it is not installed. */
export function testRedis(): () => RedisServer {
  const found = redisForTests(process.env);
  let server: RedisServer | undefined;
  beforeAll(async () => {
    if (!found.missing) server = await RedisServer.start(found);
  });
  afterAll(() => server?.close());
  beforeEach((ctx) => {
    if (found.missing) ctx.skip(found.missing);
  });
  return () => server as RedisServer;
}

/** Sends commands to a server, on a connection of their own. */
export async function redisCommands(
  url: string,
  ...commands: readonly (readonly (string | Buffer)[])[]
): Promise<unknown[]> {
  const client = await createClient({ url }).connect();
  try {
    return await Promise.all(commands.map((words) => client.sendCommand([...words])));
  } finally {
    client.destroy();
  }
}
