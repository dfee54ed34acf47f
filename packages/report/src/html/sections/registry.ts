import { breakdownSection } from './breakdown-section.ts';
import { costSection } from './cost-section.ts';
import { curveSection } from './curve-section.ts';
import { examplesSection } from './examples-section.ts';
import { intervalSection } from './interval-section.ts';
import { originSection } from './origin-section.ts';
import { pairsSection } from './pairs-section.ts';
import { resultsSection } from './results-section.ts';
import type { Section } from './section.ts';
import { windowsSection } from './windows-section.ts';

/** The sections of the page, in order. */
export const sections: readonly Section[] = [
  resultsSection,
  intervalSection,
  windowsSection,
  pairsSection,
  breakdownSection,
  examplesSection,
  curveSection,
  costSection,
  originSection,
];
