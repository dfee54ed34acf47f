export { describeGate, resultsTable } from './comparison-tables.ts';
export {
  comparisonCsv,
  comparisonJson,
  comparisonLatex,
  comparisonMarkdown,
  type FormatOptions,
  formatComparison,
  resultColumns,
} from './comparison-text.ts';
export {
  type ReplayDifference,
  type ReplayedContender,
  type ReplayFigures,
  type ReplayReport,
  replayTable,
  SEEN_EXCLUDED,
} from './replay.ts';
export {
  type ComparisonReport,
  type CutoffMeasures,
  type Example,
  type Examples,
  type GateOutcome,
  type LearningCurve,
  type ModelReport,
  mainCutoff,
  type WindowReport,
} from './report.ts';
export type { Cell, Column, Measure, Table } from './table.ts';
