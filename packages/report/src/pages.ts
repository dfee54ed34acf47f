export { comparisonHtml } from './html/sections.ts';
export { type InspectionReport, inspectionHtml } from './inspection-html.ts';
export { replayHtml } from './replay-html.ts';
export {
  type TrainingCourse,
  type TrainingPoint,
  type TrainingReport,
  trainingHtml,
} from './training-html.ts';
