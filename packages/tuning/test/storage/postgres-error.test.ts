import { DatabaseError } from 'pg';
import { describe, expect, it } from 'vitest';
import { clearError, isLoss, reasonOf } from '../../src/storage/postgres-error.ts';

function answer(code: string): DatabaseError {
  return Object.assign(new DatabaseError('no', 2, 'error'), { code, severity: 'FATAL' });
}

describe('isLoss', () => {
  it.each([
    new Error('Connection terminated unexpectedly'),
    new Error('Query read timeout'),
    Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
    ...['08006', '57P01', '57P02', '57P03', '53300', '40001', '40P01'].map(answer),
  ])('takes %s for one of the connection', (error) => {
    expect(isLoss(error)).toBe(true);
  });

  it.each(['28P01', '3D000', '42501', '23505', '57014', '53100'])('treats code %s as an answer', (code) => {
    expect(isLoss(answer(code))).toBe(false);
  });
});

describe('clearError', () => {
  it('returns the first of several errors', () => {
    const refused = ['::1', '127.0.0.1'].map((address) => new Error(`connect ECONNREFUSED ${address}:5432`));
    expect(clearError(new AggregateError(refused))).toBe(refused[0]);
    expect(clearError(refused[1])).toBe(refused[1]);
  });

  it('says that a password is missing', () => {
    const error = new Error('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string');
    expect(String(clearError(error))).toMatch(
      /^Error: a server that asks for a password, but none in the URL/,
    );
  });
});

describe('reasonOf', () => {
  it('returns one line', () => {
    expect(reasonOf(new Error('first\nsecond'))).toBe('first');
    expect(reasonOf('text')).toBe('text');
  });
});
