import { DatabaseError } from 'pg';
import { describe, expect, it } from 'vitest';
import { clearError, isLoss } from '../../src/storage/postgres.ts';
import { describeDatabase } from '../../src/storage/study-database.ts';

describe('describeDatabase', () => {
  it.each([
    ['postgres://ann:secret@db.example:5433/studies', 'postgres://ann@db.example:5433/studies'],
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
    ['postgres://ann:secret@host/', 'no database name'],
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

function answer(code: string): DatabaseError {
  return Object.assign(new DatabaseError('no', 2, 'error'), { code, severity: 'FATAL' });
}

describe('isLoss', () => {
  it.each([
    new Error('Connection terminated unexpectedly'),
    new Error('Query read timeout'),
    Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
    ...['08006', '57P01', '53300', '40001', '40P01'].map(answer),
  ])('takes %s for one of the connection', (error) => {
    expect(isLoss(error)).toBe(true);
  });

  it.each(['28P01', '57014', '53100'])('treats code %s as an answer', (code) => {
    expect(isLoss(answer(code))).toBe(false);
  });
});

it('clearError returns the first of several errors', () => {
  const refused = ['::1', '127.0.0.1'].map((address) => new Error(`connect ECONNREFUSED ${address}:5432`));
  expect(clearError(new AggregateError(refused))).toBe(refused[0]);
  expect(clearError(refused[1])).toBe(refused[1]);
});
