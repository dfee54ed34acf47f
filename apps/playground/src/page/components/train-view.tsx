import { proxy } from 'comlink';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { type Models, messageOf, type Workers } from '../use-models.ts';
import {
  defaultSettings,
  type HeldOutFigures,
  mostEpochs,
  type TrainProgress,
  type TrainSettings,
} from '../worker/train-here.ts';
import type { Opened, TrainRequest } from '../worker/worker.ts';
import { Alert, Choice } from './fields.tsx';
import { CHART, type CurvePoint, curveOf, groupDigits } from './figures.ts';

interface TrainViewProps {
  readonly workers: Workers;
  readonly models: Models;
  readonly onPlay: () => void;
}

export function TrainView({ workers, models, onPlay }: TrainViewProps): JSX.Element {
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
              <Choice
                id="train-on"
                label="Data"
                value={on}
                options={[
                  ['shop', 'the generated shop'],
                  ['site', 'the sessions of this site'],
                ]}
                onChange={setOn}
              />
            )}
            <Choice
              id="preset"
              label="Preset"
              value={settings.preset}
              options={[
                ['own', 'none: own settings'],
                ['fast', 'fast'],
                ['best', 'best, slower'],
              ]}
              onChange={(preset) => change({ preset })}
            />
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
      <Choice
        id="loss"
        label="Loss"
        value={settings.loss}
        options={[
          ['cross-entropy', 'cross-entropy'],
          ['bpr-max', 'BPR-max'],
        ]}
        onChange={(loss) => onChange({ loss })}
      />
      <Choice
        id="units"
        label="Units"
        value={settings.units}
        options={[32, 64, 100, 200].map((units) => [units, String(units)])}
        onChange={(units) => onChange({ units })}
      />
      <Choice
        id="epochs"
        label="Epochs"
        value={settings.epochs}
        options={[1, 2, 3, 5, 8, 12, 20].map((epochs) => [epochs, String(epochs)])}
        onChange={(epochs) => onChange({ epochs })}
      />
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
      <Alert text={error} />
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

interface Run {
  readonly state: 'idle' | 'training' | 'evaluating' | 'done' | 'stopped' | 'failed';
  /** The most epochs of the run; undefined before the first one. */
  readonly epochs?: number;
  readonly loss: readonly CurvePoint[];
  readonly recall: readonly CurvePoint[];
  readonly figures: readonly HeldOutFigures[];
  readonly status: string;
  readonly error?: string;
}

interface Training extends Run {
  readonly running: boolean;
  readonly start: (request: TrainRequest) => void;
  readonly stop: () => void;
}

const IDLE: Run = { state: 'idle', loss: [], recall: [], figures: [], status: '' };

/** @param onTrained - called with the model of a run that was not stopped. */
function useTraining(workers: Workers, onTrained: (opened: Opened) => void): Training {
  const [run, setRun] = useState<Run>(IDLE);
  const start = async (request: TrainRequest): Promise<void> => {
    const epochs = mostEpochs(request.settings);
    setRun({ ...IDLE, state: 'training', epochs, status: 'Preparing …' });
    const opened = await (await workers.main).train(
      request,
      proxy((progress: TrainProgress) => setRun((before) => withProgress(before, progress, epochs))),
      proxy((figures: HeldOutFigures) =>
        setRun((before) => ({ ...before, figures: [...before.figures, figures] })),
      ),
    );
    if (opened) onTrained(opened);
    setRun((before) =>
      opened
        ? { ...before, state: 'done', status: `${before.status.split(' · ')[0]} · done.` }
        : { ...before, state: 'stopped', status: 'Stopped.' },
    );
  };
  return {
    ...run,
    running: run.state === 'training' || run.state === 'evaluating',
    start: (request) => {
      start(request).catch((thrown: unknown) => {
        const failed = { state: 'failed', status: 'Training failed.', error: messageOf(thrown) } as const;
        setRun((before) => ({ ...before, ...failed }));
      });
    },
    stop: () => {
      workers.main.then((main) => main.stop());
    },
  };
}

function withProgress(
  run: Run,
  { epochs: done, loss, eventsPerSecond, recall, ended }: TrainProgress,
  epochs: number,
): Run {
  const speed = `${groupDigits(eventsPerSecond)} events/s`;
  const present = loss ?? run.loss.at(-1)?.[1];
  return {
    ...run,
    state: ended ? 'evaluating' : 'training',
    loss: loss === undefined ? run.loss : [...run.loss, [done, loss]],
    recall: recall === undefined ? run.recall : [...run.recall, [done, recall]],
    status: ended
      ? `${speed} · evaluating on held-out sessions …`
      : `Epoch ${Math.min(Math.floor(done) + 1, epochs)} of ${epochs} · loss ${present?.toFixed(2) ?? '–'} · ${speed}`,
  };
}

function LineChart({
  title,
  points,
  epochs,
}: {
  readonly title: string;
  readonly points: readonly CurvePoint[];
  readonly epochs: number;
}): JSX.Element {
  const { path, last, xTicks, yTicks } = curveOf(points, epochs);
  const [bottom, right] = [CHART.height - CHART.bottom, CHART.width - CHART.right];
  const value = points.at(-1)?.[1];
  return (
    <figure>
      <figcaption>{title}</figcaption>
      <svg
        viewBox={`0 0 ${CHART.width} ${CHART.height}`}
        role="img"
        aria-label={
          value === undefined ? `${title}: nothing yet` : `${title}: ${value.toPrecision(3)} at present`
        }
      >
        {yTicks.map(({ at, label }) => (
          <g key={label}>
            <line class="grid" x1={CHART.left} x2={right} y1={at} y2={at} />
            <text x={CHART.left - 8} y={at} text-anchor="end" dominant-baseline="central">
              {label}
            </text>
          </g>
        ))}
        <line class="axis" x1={CHART.left} x2={right} y1={bottom} y2={bottom} />
        {xTicks.map(({ at, label }) => (
          <text key={label} x={at} y={CHART.height - 8} text-anchor="middle">
            {label}
          </text>
        ))}
        <path class="curve" d={path} />
        {last && <circle class="end" cx={last[0]} cy={last[1]} r="3.5" />}
      </svg>
    </figure>
  );
}
