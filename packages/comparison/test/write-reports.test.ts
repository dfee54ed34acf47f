import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkReportFolder } from '../src/write-reports.ts';
import { makeFolder } from './make-folder.ts';

describe('checkReportFolder', () => {
  it('accepts a new folder, an empty one and one with an earlier report, and creates none', async () => {
    const folder = makeFolder();
    await checkReportFolder(join(folder, 'deep', 'report'));
    expect(readdirSync(folder)).toEqual([]);
    mkdirSync(join(folder, 'report'));
    await checkReportFolder(join(folder, 'report'));
    for (const name of ['report.html', 'report.md', 'report.json', '.DS_Store']) {
      writeFileSync(join(folder, 'report', name), '');
    }
    await expect(checkReportFolder(join(folder, 'report'))).resolves.toBeUndefined();
  });

  it('refuses a folder with other files, and a file', async () => {
    const folder = makeFolder();
    writeFileSync(join(folder, 'report.html'), '');
    writeFileSync(join(folder, 'thesis.tex'), '');
    await expect(checkReportFolder(folder)).rejects.toThrow(
      `The output ${folder} holds thesis.tex, which is not a file of a report. Name a new folder`,
    );
    const file = join(folder, 'thesis.tex');
    await expect(checkReportFolder(file)).rejects.toThrow(`The report cannot be written in ${file}`);
  });
});
