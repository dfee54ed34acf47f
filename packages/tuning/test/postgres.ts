import { PostgresServer, postgresForTests } from '@gru4rec/test-support';
import { afterAll, beforeAll, beforeEach } from 'vitest';

/** A PostgreSQL server for the tests of a file, which are skipped if it is not installed. */
export function testServer(): () => PostgresServer {
  const found = postgresForTests(process.env);
  let server: PostgresServer | undefined;
  beforeAll(async () => {
    if (!found.missing) server = await PostgresServer.start(found);
  });
  afterAll(() => server?.close());
  beforeEach((ctx) => {
    if (found.missing) ctx.skip(found.missing);
  });
  return () => server as PostgresServer;
}
