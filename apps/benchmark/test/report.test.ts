import { describe, expect, it } from 'vitest';
import { formatReport, type Report } from '../src/report.ts';

const environment = {
  cpu: 'Processor',
  cores: 2,
  platform: 'linux x64',
  node: 'v20.19.0',
  commit: 'abcdef0',
  date: '2026-01-02',
  load: 0.25,
};

const summary = (median: number) => ({ median, min: median / 2, max: median * 2, spread: 1.5, samples: 9 });

describe('formatReport', () => {
  it('has one row per figure, with a correctness figure if there is one', () => {
    const report: Report = {
      environment,
      command: 'pnpm --filter benchmark start',
      steps: [
        {
          name: 'cross-entropy',
          batchSize: 32,
          stepsPerSecond: summary(800),
          composedStepsPerSecond: summary(600),
          ops: 92,
          composedOps: 118,
          kernels: [
            { kernel: 'NN', calls: 11, microseconds: 995, share: 0.995 },
            { kernel: 'TN', calls: 7, microseconds: 3, share: 0.003 },
            { kernel: 'UNARY', calls: 2, microseconds: 2, share: 0.002 },
          ],
          lossAlone: {
            name: 'cross-entropy',
            fused: summary(90),
            composed: summary(200),
            correctness: { loss: 8, composedLoss: 8 },
          },
          correctness: { steps: 20, loss: 11.5, composedLoss: 11.5 },
          prototype: { stepsPerSecond: summary(900), ratio: summary(0.9) },
          peakMiB: 267,
        },
      ],
      losses: [
        {
          name: 'bpr-max, 9 columns',
          fused: summary(5),
          composed: summary(7),
          correctness: { loss: 2.5, composedLoss: 2.25 },
        },
        { name: 'bpr, 9 columns', composed: summary(3), correctness: { loss: 1.5, composedLoss: 1.5 } },
      ],
      sampler: {
        name: '2048 of 27000 items',
        drawsPerSecond: summary(7e7),
        correctness: { drawn: 0.00123, probability: 0.00125 },
        peakMiB: 1,
      },
      batcher: [
        { name: 'batch 32', eventsPerSecond: summary(9e7), correctness: { fed: 7, expected: 7 }, peakMiB: 1 },
      ],
      skipped: [],
    };
    const text = formatReport(report).replace(/ +/g, ' ');
    expect(text).not.toContain('bpr, 9 columns, kernel');
    for (const line of [
      'Processor, 2 cores, linux x64, Node v20.19.0, commit abcdef0, 2026-01-02, load 0.25',
      'cross-entropy: steps/s, 92 ops 800 400 1,600 150.0 % 9 25,600 267 loss 11.50000 after 20 steps',
      ' composed loss: steps/s, 118 ops 600 300 1,200 150.0 % 9 19,200 267 loss 11.50000 after 20 steps',
      ' loss alone, kernel: µs 90.0 45.0 180 150.0 % 9',
      ' loss alone, composed: µs 200 100 400 150.0 % 9',
      ' prototype: steps/s 900 450 1,800 150.0 % 9 28,800',
      ' ours / prototype, round by round 0.900 0.450 1.80 150.0 % 9',
      'loss bpr-max, 9 columns, kernel: µs 5.00 2.50 10.0 150.0 % 9 loss 2.500000',
      'loss bpr-max, 9 columns, composed: µs 7.00 3.50 14.0 150.0 % 9 loss 2.250000',
      'loss bpr, 9 columns, composed: µs 3.00 1.50 6.00 150.0 % 9 loss 1.500000',
      'sampler, 2048 of 27000 items: draws/s 70.0M 35.0M 140.0M 150.0 % 9 1 top item 1.230 ‰, expected 1.250 ‰',
      'batcher, batch 32: events/s 90.0M 45.0M 180.0M 150.0 % 9 90,000,000 1 7 of 7 events fed',
      'cross-entropy: 1000 µs op by op',
      'NN 11 995.0 99.5 %',
      'others 9 5.0 0.5 %',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
  });

  it('names skipped rows', () => {
    const text = formatReport({
      environment,
      command: '',
      skipped: ['prototype: no folder given, see --prototype'],
    });
    expect(text).toContain('Skipped:\n  prototype: no folder given, see --prototype');
  });
});
