import type { SparkArguments } from './spark-arguments.ts';

/** The arguments of `prepare`, as yargs hands them over. */
export interface PrepareArguments extends SparkArguments {
  readonly input: readonly string[];
  readonly testInput?: readonly string[];
  readonly output: string;
  readonly overwrite?: boolean;
  readonly append?: boolean;
  readonly lateSessions?: string;
  readonly format?: string;
  readonly sessionColumn?: string;
  readonly itemColumn?: string;
  readonly timeColumn?: string;
  readonly userColumn?: string;
  readonly sessionGap?: string;
  readonly eventColumn?: string;
  readonly eventTypes?: readonly string[];
  readonly eventsField?: string;
  readonly timeUnit?: string;
  readonly onBadRow?: string;
  readonly minSessionLength?: string;
  readonly maxSessionLength?: string;
  readonly minItemSupport?: string;
  readonly filterUntilStable?: boolean;
  readonly collapseRepeats?: boolean;
  readonly testDays?: string;
  readonly validationDays?: string;
  readonly compression?: string;
  readonly memoryLimit?: string;
  readonly threads?: string;
  readonly maxUnpacked?: string;
}
