import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/** A browser, or why there is none. */
export type ChromiumForTests = { readonly browser: Browser } | { readonly reason: string };

/**
 * Starts the Chromium or Chrome on the PATH; the caller closes it.
 *
 * Without a sandbox: Chromium has none for root, and tests open only our own pages.
 *
 * @param environment - `process.env`.
 */
export async function chromiumForTests(environment: NodeJS.ProcessEnv): Promise<ChromiumForTests> {
  const folders = (environment['PATH'] ?? '').split(delimiter);
  const files = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  const executablePath = files.find((file) => existsSync(file));
  if (executablePath === undefined) return { reason: `none of ${NAMES.join(', ')} is on the PATH` };
  return { browser: await chromium.launch({ executablePath, args: ['--no-sandbox'] }) };
}
