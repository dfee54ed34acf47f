import { type PresetName, presets } from '@gru4rec/model';

export interface TrainSettings {
  /** A preset of `train`, or `own`: the other choices, and the rest is that of the demo. */
  readonly preset: PresetName | 'own';
  readonly loss: 'cross-entropy' | 'bpr-max';
  readonly units: number;
  readonly epochs: number;
}

export const defaultSettings: TrainSettings = {
  preset: 'own',
  loss: 'cross-entropy',
  units: 100,
  epochs: 5,
};

/** The most epochs that are trained; a preset stops by itself. */
export function mostEpochs({ preset, epochs }: TrainSettings): number {
  return preset === 'own' ? epochs : (presets[preset].nEpochs ?? epochs);
}
