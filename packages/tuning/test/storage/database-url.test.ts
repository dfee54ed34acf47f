import { describe, expect, it } from 'vitest';
import { describeDatabase } from '../../src/storage/database-url.ts';

describe('describeDatabase', () => {
  it.each([
    ['postgres://ann:secret@db.example:5433/studies', 'postgres://ann@db.example:5433/studies'],
    ['postgresql://db.example/studies', 'postgres://db.example/studies'],
    [
      'postgres://ann@[::1]/s?sslmode=verify-full&sslrootcert=ca.pem&password=secret',
      'postgres://ann@[::1]/s',
    ],
    ['postgres:///studies?host=/run/postgresql', 'postgres:///studies?host=/run/postgresql'],
    ['postgres://a%40b:secret%2F@h/s', 'postgres://a%40b@h/s'],
  ])('shows %s without password and parameters', (url, shown) => {
    expect(describeDatabase(url)).toBe(shown);
  });

  it.each([
    ['mysql://ann:secret@host/studies', 'a URL that begins with mysql:'],
    ['secret', 'no URL'],
    ['host:5432/secret', 'a URL that begins with host:'],
    ['postgres://ann:secret@host:port/studies', 'a URL that cannot be read'],
    ['postgres://ann:secret@host', 'no database name'],
    ['postgres://ann:secret@host/', 'no database name'],
    ['postgres://ann:12/34@host', 'no database name'],
    ['postgres://ann:sec/ret@host/studies', 'a URL that cannot be read'],
    ['postgres:///studies?password=secret', 'no host'],
  ])('refuses %s and does not repeat it', (url, got) => {
    expect(() => describeDatabase(url)).toThrow(
      new RangeError(
        `openStudyDatabase: "url" expected postgres://user@host:port/database, got ${got}. In a password write % as %25, @ as %40, / as %2F.`,
      ),
    );
  });
});
