import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { StudyError } from '../../src/storage/storage.ts';
import { openStudyDatabase } from '../../src/storage/study-database.ts';
import { testServer } from '../postgres.ts';

const server = testServer();

async function run(database: string, ...statements: string[]): Promise<void> {
  const client = new Client(server().url(database));
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

async function refusal(url: string): Promise<Error> {
  const thrown = await openStudyDatabase(url, { study: 's' }).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(StudyError);
  return thrown as Error;
}

describe('openStudyDatabase', () => {
  it('creates its tables once, however many processes open a new database', async () => {
    await run('postgres', 'CREATE DATABASE fresh');
    const opened = await Promise.all(
      Array.from({ length: 6 }, (_, n) => openStudyDatabase(server().url('fresh'), { study: `s${n}` })),
    );
    expect(opened[3].place).toBe(`postgres://tester@127.0.0.1:${server().port}/fresh, study s3`);
    for (const storage of opened) {
      expect(await storage.study()).toBeUndefined();
      await storage.close();
    }
  });

  it('works for a user who may change rows but create nothing', async () => {
    await (await openStudyDatabase(server().url(), { study: 's' })).close();
    await run(
      'postgres',
      `CREATE ROLE worker LOGIN PASSWORD 'w'`,
      'GRANT USAGE ON SCHEMA gru4rec TO worker',
      'GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA gru4rec TO worker',
      'CREATE DATABASE empty',
    );
    const url = (database: string) => server().url(database, 'w').replace('tester', 'worker');
    await (await openStudyDatabase(url('postgres'), { study: 's' })).close();
    expect((await refusal(url('empty'))).message).toContain('got permission denied for database empty, at');
  });

  it('says in one line, without the password, why a database cannot be opened', async () => {
    const { port, password } = server();
    const cases: [string, string][] = [
      [server().url('none'), 'database "none" does not exist'],
      [server().url('postgres', 'false'), 'password authentication failed for user "tester"'],
      [server().url('postgres', ''), 'a server that asks for a password, but none in the URL, PGPASSWORD or'],
      [server().url().replace(String(port), '1'), 'connect ECONNREFUSED 127.0.0.1:1'],
      [`${server().url()}?sslrootcert=/none`, "ENOENT: no such file or directory, open '/none'"],
    ];
    for (const [url, reason] of cases) {
      const { message } = await refusal(url);
      expect(message).toMatch(
        /^openStudyDatabase: "url" expected a PostgreSQL database that can be opened, got /,
      );
      expect(message).toContain(`got ${reason}`);
      expect(message).toMatch(/, at postgres:\/\/tester@127\.0\.0\.1:\d+\/\w+, study s\. Check host, port/);
      for (const secret of [password, encodeURIComponent(password), '\n'])
        expect(message).not.toContain(secret);
    }
  });

  it('refuses tables of another version', async () => {
    await run('postgres', 'CREATE DATABASE newer');
    await run('newer', 'CREATE SCHEMA gru4rec', 'CREATE TABLE gru4rec.format AS SELECT 2 AS version');
    expect((await refusal(server().url('newer'))).message).toBe(
      `openStudyDatabase: "url" expected studies of version 1, got version 2, at postgres://tester@127.0.0.1:${server().port}/newer, study s. Name another database.`,
    );
  });

  it('refuses a study without a name', async () => {
    await expect(openStudyDatabase(server().url(), { study: '' })).rejects.toThrow(
      new RangeError('openStudyDatabase: "study" expected a name, got "".'),
    );
  });
});
