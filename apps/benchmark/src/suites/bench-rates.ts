import { Bench } from 'tinybench';
import type { Summary } from '../measure.ts';

/**
 * Measures a function with tinybench, warmed up.
 *
 * @param amount - the work of one call, in draws or events.
 * @returns amounts per second. min and max exclude the slowest and the fastest 0.5 % of the calls.
 */
export async function benchRates(run: () => void, amount: number, seconds: number): Promise<Summary> {
  const bench = new Bench({
    time: seconds * 1000,
    warmupTime: seconds * 250,
    retainSamples: true,
    throws: true,
  });
  bench.add('task', run);
  const [task] = await bench.run();
  const result = task?.result;
  if (result?.state !== 'completed') throw new Error(`benchRates: the task ended as ${result?.state}`);
  const { samples, samplesCount } = result.latency;
  if (!samples) throw new Error('benchRates: tinybench kept no samples');
  const rate = (quantile: number): number => {
    const milliseconds = samples[Math.round(quantile * (samples.length - 1))] ?? Number.NaN;
    return (amount * 1000) / milliseconds;
  };
  const [min, median, max] = [rate(0.995), rate(0.5), rate(0.005)];
  return { median, min, max, spread: (max - min) / median, samples: samplesCount };
}
