import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { type Models, messageOf } from '../use-models.ts';
import type { Workers } from '../worker/open-workers.ts';
import { defaultSettings, mostEpochs, type TrainSettings } from '../worker/train-settings.ts';
import type { TrainRequest } from '../worker/worker.ts';
import { LineChart } from './line-chart.tsx';
import { groupDigits } from './numbers.ts';
import { type Training, useTraining } from './use-training.ts';

/** Trains a model in the page, with curves as they grow. */
export function TrainView({
  workers,
  models,
  onPlay,
}: {
  readonly workers: Workers;
  readonly models: Models;
  readonly onPlay: () => void;
}): JSX.Element {
  const hasOwnLog = models.playing?.facts.hasOwnLog ?? false;
  const [settings, setSettings] = useState<TrainSettings>(defaultSettings);
  const [on, setOn] = useState<TrainRequest['on']>('shop');
  const training = useTraining(workers, models.onTrained);
  const change = (values: Partial<TrainSettings>): void => setSettings({ ...settings, ...values });
  return (
    <div class="train">
      <section class="card" aria-labelledby="train-title">
        <h2 id="train-title">Train a model in this page</h2>
        <LogDescription workers={workers} on={on} />
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (training.running) training.stop();
            else training.start({ on, settings });
          }}
        >
          <fieldset disabled={training.running} class="fields">
            <legend class="sr-only">Settings</legend>
            {hasOwnLog && (
              <>
                <label for="train-on">Data</label>
                <select
                  id="train-on"
                  value={on}
                  onChange={(event) => setOn(event.currentTarget.value === 'site' ? 'site' : 'shop')}
                >
                  <option value="shop">the generated shop</option>
                  <option value="site">the sessions of this site</option>
                </select>
              </>
            )}
            <label for="preset">Preset</label>
            <select
              id="preset"
              value={settings.preset}
              onChange={(event) => change({ preset: event.currentTarget.value as TrainSettings['preset'] })}
            >
              <option value="own">none: own settings</option>
              <option value="fast">fast</option>
              <option value="best">best, slower</option>
            </select>
            {settings.preset === 'own' && <SettingFields settings={settings} onChange={change} />}
          </fieldset>
          <div class="buttons">
            <button type="submit" class={training.running || training.state === 'done' ? '' : 'primary'}>
              {training.running ? 'Stop' : training.state === 'done' ? 'Train again' : 'Train'}
            </button>
            {training.state === 'done' && (
              <button type="button" class="primary" onClick={onPlay}>
                Play with it
              </button>
            )}
          </div>
        </form>
      </section>
      <TrainingResults training={training} epochs={training.epochs ?? mostEpochs(settings)} />
    </div>
  );
}

function SettingFields({
  settings,
  onChange,
}: {
  readonly settings: TrainSettings;
  readonly onChange: (values: Partial<TrainSettings>) => void;
}): JSX.Element {
  return (
    <>
      <label for="loss">Loss</label>
      <select
        id="loss"
        value={settings.loss}
        onChange={(event) => onChange({ loss: event.currentTarget.value as TrainSettings['loss'] })}
      >
        <option value="cross-entropy">cross-entropy</option>
        <option value="bpr-max">BPR-max</option>
      </select>
      <label for="units">Units</label>
      <select
        id="units"
        value={settings.units}
        onChange={(event) => onChange({ units: Number(event.currentTarget.value) })}
      >
        {[32, 64, 100, 200].map((units) => (
          <option key={units} value={units}>
            {units}
          </option>
        ))}
      </select>
      <label for="epochs">Epochs</label>
      <select
        id="epochs"
        value={settings.epochs}
        onChange={(event) => onChange({ epochs: Number(event.currentTarget.value) })}
      >
        {[1, 2, 3, 5, 8, 12, 20].map((epochs) => (
          <option key={epochs} value={epochs}>
            {epochs}
          </option>
        ))}
      </select>
    </>
  );
}

function LogDescription({
  workers,
  on,
}: {
  readonly workers: Workers;
  readonly on: TrainRequest['on'];
}): JSX.Element {
  const [text, setText] = useState('Loading the sessions …');
  useEffect(() => {
    workers.main
      .then((main) => main.describeLog(on))
      .then(({ items, sessions, events, heldOut }) => {
        const what = on === 'shop' ? 'The log of a generated shop' : 'The sessions of this site';
        const rest = heldOut > 0 ? `, and ${groupDigits(heldOut)} later sessions that are held out` : '';
        setText(
          `${what}: ${groupDigits(events)} clicks on ${groupDigits(items)} items in ${groupDigits(sessions)} sessions${rest}.`,
        );
      })
      .catch((error: unknown) => setText(`The sessions cannot be opened. ${messageOf(error)}`));
  }, [workers, on]);
  return <p class="quiet">{text}</p>;
}

function TrainingResults({
  training,
  epochs,
}: {
  readonly training: Training;
  readonly epochs: number;
}): JSX.Element | null {
  const { state, loss, recall, figures, status, error } = training;
  if (state === 'idle') return null;
  return (
    <section class="card" aria-labelledby="curves-title">
      <h2 id="curves-title">Training</h2>
      <p class="status" role="status">
        {status}
      </p>
      {error !== undefined && (
        <p class="alert" role="alert">
          {error}
        </p>
      )}
      <div class="charts">
        <LineChart title="Loss, by epoch" points={loss} epochs={epochs} />
        {recall.length > 0 && (
          <LineChart title="Recall@20 on held-out sessions" points={recall} epochs={epochs} />
        )}
      </div>
      {figures.length > 0 && (
        <table class="figures">
          <caption>The next click of held-out sessions, among all items</caption>
          <thead>
            <tr>
              <th scope="col">Model</th>
              <th scope="col">Recall@20</th>
              <th scope="col">MRR@20</th>
            </tr>
          </thead>
          <tbody>
            {figures.map(({ name, recall: share, mrr }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{share.toFixed(3)}</td>
                <td>{mrr.toFixed(3)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
