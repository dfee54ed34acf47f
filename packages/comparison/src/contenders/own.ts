import { basename, extname } from 'node:path';
import { type Kind, MIB, type Named, timed } from './kind.ts';
import { isModule, makeScorer, type ScorerFactory } from './own-modules.ts';

export interface OwnContender extends Named<'own'> {
  /** Default: what the module exports by default. */
  readonly create?: ScorerFactory;
}

export const ownScorer: Kind<OwnContender> = {
  parse: (text) => (isModule(text) ? { kind: 'own', text } : undefined),
  title: ({ text }) => basename(text, extname(text)),
  isSeeded: () => false,
  async check({ create, text }, { files }) {
    if (!create) await files.readFactory(text);
  },
  async fit({ create, text }, { dataset, files }) {
    const factory = create ?? (await files.readFactory(text));
    const [scorer, fitSeconds] = await timed(() => makeScorer(factory, dataset, text));
    const memoryMiB = (scorer.bytes ?? 0) / MIB;
    return { scorer, options: {}, fitSeconds, memoryMiB, history: [], tunedOn: [] };
  },
};
