import { Gauge, type Registry } from 'prom-client';
import type { ModelStatus } from '../model-status.ts';
import type { OnlineEvaluation } from './online-evaluation.ts';
import type { OnlineFigures } from './rank-window.ts';

const values: Readonly<
  Record<string, readonly [help: string, of: (figures: OnlineFigures) => number | undefined]>
> = {
  recall: ['Share of the next clicks that were among the first k recommendations', ({ recall }) => recall],
  recall_lower: ['Lower bound of its 95 % interval', ({ recallInterval }) => recallInterval?.[0]],
  recall_upper: ['Upper bound of its 95 % interval', ({ recallInterval }) => recallInterval?.[1]],
  mrr: ['Mean reciprocal rank of the next clicks among the first k recommendations', ({ mrr }) => mrr],
  mrr_lower: ['Lower bound of its 95 % interval', ({ mrrInterval }) => mrrInterval?.[0]],
  mrr_upper: ['Upper bound of its 95 % interval', ({ mrrInterval }) => mrrInterval?.[1]],
  predictions: ['Clicks that these figures are about', ({ predictions }) => predictions],
  sessions: ['Sessions that these figures are about', ({ sessions }) => sessions],
};

/** Adds the figures of the versions that serve, as `gru4rec_online_…`, per model, source of the answer and k. */
export function registerOnlineMetrics(
  registry: Registry,
  evaluation: OnlineEvaluation,
  models: () => readonly ModelStatus[],
): void {
  for (const [name, [help, of]] of Object.entries(values)) {
    const gauge: Gauge<'model' | 'source' | 'k'> = new Gauge({
      name: `gru4rec_online_${name}`,
      help,
      labelNames: ['model', 'source', 'k'],
      registers: [registry],
      async collect() {
        const reports = await Promise.all(
          models().map(async (model) => ({ model: model.name, report: await evaluation.report(model) })),
        );
        gauge.reset();
        for (const { model, report } of reports) {
          for (const [source, figures] of Object.entries(report)) {
            for (const figure of figures) {
              const value = of(figure);
              if (value !== undefined) gauge.set({ model, source, k: String(figure.k) }, value);
            }
          }
        }
      },
    });
  }
}
