/** What a user chooses; the rest is that of the demo. */
export interface TrainSettings {
  readonly loss: 'cross-entropy' | 'bpr-max';
  readonly units: number;
  readonly epochs: number;
}

/** Default values of the form. */
export const defaultSettings: TrainSettings = { loss: 'cross-entropy', units: 100, epochs: 8 };
