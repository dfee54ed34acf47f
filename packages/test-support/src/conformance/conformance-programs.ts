import type { Program } from '@gru4rec/program';
import { opCases } from './cases/registry.ts';
import { Trial } from './trial.ts';
import { updateTrials } from './updates.ts';

/** The programs of `engineConformance`, for tests that inspect how an engine translates them without running them. */
export function conformancePrograms(): readonly Program[] {
  const ofOps = Object.entries(opCases).map(([op, add]) => {
    const trial = new Trial(op);
    add(trial);
    return trial.builder.build();
  });
  return [...ofOps, ...updateTrials().map(({ trial }) => trial.builder.build())];
}
