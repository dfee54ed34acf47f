import { DatabaseError } from 'pg';
import { describe, expect, it } from 'vitest';
import { isLoss, reasonOf, toldError } from '../../src/storage/postgres-error.ts';

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

  it.each(['28P01', '3D000', '42501', '23505', '57014', '53100'])('takes code %s for an answer', (code) => {
    expect(isLoss(answer(code))).toBe(false);
  });
});

describe('toldError', () => {
  it('is the first of several', () => {
    const refused = ['::1', '127.0.0.1'].map((address) => new Error(`connect ECONNREFUSED ${address}:5432`));
    expect(toldError(new AggregateError(refused))).toBe(refused[0]);
    expect(toldError(refused[1])).toBe(refused[1]);
  });

  it('says that a password is missing', () => {
    const error = new Error('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string');
    expect(String(toldError(error))).toMatch(
      /^Error: a server that asks for a password, and none in the URL/,
    );
  });
});

describe('reasonOf', () => {
  it('gives one line', () => {
    expect(reasonOf(new Error('first\nsecond'))).toBe('first');
    expect(reasonOf('text')).toBe('text');
  });
});
