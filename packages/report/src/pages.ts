export {
  type HourChart,
  headlineHtml,
  hourChartsHtml,
  type TitledTable,
  tablesHtml,
} from './dashboard-html.ts';
export { comparisonHtml } from './html/sections.ts';
export { STYLE } from './html/style.ts';
export { type DayChart, type ImpactSection, impactHtml } from './impact-html.ts';
export { type InspectionReport, inspectionHtml } from './inspection-html.ts';
export { replayHtml } from './replay-html.ts';
export {
  type TrainingCourse,
  type TrainingPoint,
  type TrainingReport,
  trainingHtml,
} from './training-html.ts';
