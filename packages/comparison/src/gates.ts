import { UsageError } from '@gru4rec/checks';
import { figuresAt, type MetricName, metricNames, pairedBootstrap } from '@gru4rec/metrics';
import type { GateOutcome } from '@gru4rec/report';
import { mean } from 'simple-statistics';
import { type Contender, nameContenders } from './contenders/contender.ts';
import type { ContenderRuns } from './run-contenders.ts';

/** A condition on two contenders: `A >= B recall@20`, `A > B mrr@10 - 0.005`. */
export interface Gate {
  readonly text: string;
  readonly left: string;
  /** `>=`: by the means on these sessions. `>`: proven, by the 95 % interval of the difference. */
  readonly operator: '>=' | '>';
  readonly right: string;
  readonly metric: MetricName;
  readonly cutoff: number;
  /** What is added to the right side. */
  readonly margin: number;
}

/** The forms of a gate, for help and messages. */
export const gateForms = '"A >= B recall@20", "A > B mrr@20 - 0.005"';

const GATE =
  /^\s*(?<left>\S.*?)\s+(?<operator>>=?)\s+(?<right>\S.*?)\s+(?<metric>[a-z]+)@(?<cutoff>\d+)(?:\s*(?<sign>[+-])\s*(?<margin>\d*\.?\d+))?\s*$/;

/** Far below the effect of one prediction, far above that of rounding. */
const ROUNDING = 1e-12;

/** Parses a gate. @throws UsageError if it is none. */
export function parseGate(text: string): Gate {
  const { left, operator, right, metric, cutoff, sign, margin = '0' } = GATE.exec(text)?.groups ?? {};
  if (left === undefined || right === undefined || !metricNames.includes(metric as MetricName)) {
    throw new UsageError(
      `--gate expected ${gateForms}, with a metric of ${metricNames.join(', ')}, got ${JSON.stringify(text)}`,
    );
  }
  return {
    text: text.trim(),
    left,
    operator: operator as Gate['operator'],
    right,
    metric: metric as MetricName,
    cutoff: Number(cutoff),
    margin: sign === '-' ? -Number(margin) : Number(margin),
  };
}

export interface GateContext {
  readonly contenders: readonly Contender[];
  readonly cutoffs: readonly number[];
  readonly intervals: boolean;
}

/**
 * Checks gates before any contender is fitted.
 * @throws UsageError if a gate names no contender or no cutoff of the comparison, or needs intervals.
 */
export function checkGates(gates: readonly Gate[], { contenders, cutoffs, intervals }: GateContext): void {
  const names = contenders.map(({ text }) => text);
  for (const { text, left, right, cutoff, operator } of gates) {
    for (const name of [left, right]) {
      if (placeOf(contenders, name) >= 0) continue;
      throw new UsageError(
        `--gate ${text} expected contenders of --models (${names.join(', ')}), got ${name}`,
      );
    }
    if (!cutoffs.includes(cutoff)) {
      throw new UsageError(
        `--gate ${text} expected a length of --cutoffs (${cutoffs.join(', ')}), got ${cutoff}`,
      );
    }
    if (operator === '>' && !intervals) {
      throw new UsageError(
        `--gate ${text} expected intervals, which --protocol remaining does not have; use >=`,
      );
    }
  }
}

function placeOf(contenders: readonly Contender[], name: string): number {
  const byText = contenders.findIndex(({ text }) => text === name);
  return byText >= 0 ? byText : nameContenders(contenders).indexOf(name);
}

export function judgeGates(
  gates: readonly Gate[],
  contenders: readonly ContenderRuns[],
  bootstrap: { readonly resamples: number; readonly seed: number } | undefined,
): GateOutcome[] {
  const all = contenders.map(({ contender }) => contender);
  return gates.map(({ text, left, right, operator, metric, cutoff, margin }) => {
    const [a, b] = [left, right].map((name) => contenders[placeOf(all, name)]?.runs ?? []) as [
      ContenderRuns['runs'],
      ContenderRuns['runs'],
    ];
    const meanOf = (runs: ContenderRuns['runs']) =>
      mean(runs.map(({ evaluation }) => figuresAt(evaluation, cutoff)[metric] ?? 0));
    const difference = meanOf(a) - meanOf(b);
    const evaluations = (runs: ContenderRuns['runs']) => runs.map(({ evaluation }) => evaluation);
    const interval =
      bootstrap && pairedBootstrap(evaluations(a), evaluations(b), { ...bootstrap, cutoff })[metric].interval;
    const passed =
      operator === '>' ? (interval?.[0] ?? Number.NaN) > margin : difference >= margin - ROUNDING;
    return { gate: text, passed, difference, interval };
  });
}
