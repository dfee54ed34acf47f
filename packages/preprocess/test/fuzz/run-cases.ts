import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chance } from './chance.ts';

export interface FuzzCase {
  readonly chance: Chance;
  /** Empty folder, removed if the case passes. */
  readonly folder: string;
  /** Writes the case's bytes, which are kept if it fails. */
  write(bytes: Buffer): string;
}

/** Timeout of a fuzz test: long runs take hours. */
export const fuzzTimeoutMs: number = 24 * 3_600_000;

/** The number of cases and the first seed; `FUZZ_CASES` and `FUZZ_SEED` override them. */
function fuzzRun(cases: number): { cases: number; seed: number } {
  const number = (name: string, fallback: number) => Number(process.env[name] ?? fallback);
  return { cases: number('FUZZ_CASES', cases), seed: number('FUZZ_SEED', 1) };
}

/**
 * Runs cases, each with its own seed.
 *
 * @throws Error for the first failing case, with its seed and the path of its bytes.
 */
export async function runCases(cases: number, run: (fuzz: FuzzCase) => Promise<void>): Promise<void> {
  const { cases: count, seed } = fuzzRun(cases);
  const root = mkdtempSync(join(tmpdir(), 'gru4rec-fuzz-'));
  for (let own = seed; own < seed + count; own++) {
    const folder = join(root, String(own));
    mkdirSync(folder);
    const file = join(folder, 'log');
    const write = (bytes: Buffer) => {
      writeFileSync(file, bytes);
      return file;
    };
    await run({ chance: new Chance(own), folder, write }).catch((cause: unknown) => {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`FUZZ_SEED=${own} FUZZ_CASES=1 repeats this case, its bytes are ${file}: ${reason}`, {
        cause,
      });
    });
    rmSync(folder, { recursive: true });
  }
  rmSync(root, { recursive: true });
}
