export { comparisonHtml } from './comparison-html.ts';
export { COMPARISON_FORMAT, COMPARISON_FORMAT_VERSION, comparisonJson } from './comparison-json.ts';
export { comparisonMarkdown } from './comparison-markdown.ts';
export { comparisonCsv, comparisonLatex } from './comparison-table.ts';
export { type FormatOptions, formatComparison } from './format-comparison.ts';
export { type InspectionReport, inspectionHtml } from './inspection-html.ts';
export { mainCutoff } from './ranking.ts';
export {
  type ReplayDifference,
  type ReplayedContender,
  type ReplayFigures,
  type ReplayReport,
  replayHtml,
  SEEN_EXCLUDED,
} from './replay-html.ts';
export type {
  ComparisonReport,
  CutoffMeasures,
  Example,
  Examples,
  GateOutcome,
  Group,
  LearningCurve,
  Measure,
  ModelReport,
  PairTest,
  WindowReport,
} from './report.ts';
export {
  type TrainingCourse,
  type TrainingPoint,
  type TrainingReport,
  trainingHtml,
} from './training-html.ts';
