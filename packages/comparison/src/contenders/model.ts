import { basename } from 'node:path';
import { checkValidation, isPreset, train } from '@gru4rec/model';
import { bytesOf, type Kind, MIB, type Named, timed, tunedOn } from './kind.ts';

export interface ModelContender extends Named<'model'> {
  readonly file: string;
}

export const model: Kind<ModelContender> = {
  parse: (text) =>
    text.endsWith('.json') || isPreset(text) ? { kind: 'model', text, file: text } : undefined,
  title: ({ file }) => `GRU4Rec ${basename(file, '.json')}`,
  isSeeded: () => true,
  async check({ file }, { files, dataset }) {
    checkValidation(await files.readConfig(file, {}), dataset.validation);
  },
  async fit(contender, { dataset, engine, files, seed, onEpoch }) {
    const config = await files.readConfig(contender.file, seed === undefined ? {} : { seed });
    const name = this.title(contender);
    let warning: string | undefined;
    const [trained, fitSeconds] = await timed(() =>
      train(dataset, config, {
        engine,
        keepDiverged: true,
        onWarning: (message) => {
          warning = message;
        },
        onEpoch: (record) => onEpoch?.(name, record, config.nEpochs),
        validation: dataset.validation,
      }),
    );
    return {
      scorer: { ...trained.scorer(dataset.contextColumns), name },
      recommender: trained,
      options: { ...config },
      fitSeconds,
      memoryMiB: bytesOf(trained) / MIB,
      history: trained.history,
      tunedOn: tunedOn(config, dataset),
      warning,
    };
  },
};
