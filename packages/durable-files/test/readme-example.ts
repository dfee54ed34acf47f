import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replaceFile, replaceFolder } from '@gru4rec/durable-files';

const place = mkdtempSync(join(tmpdir(), 'durable-'));
const report = join(place, 'report');

for (const text of ['old', 'new']) {
  await replaceFolder(report, {}, async (folder) => {
    writeFileSync(join(folder, 'page'), text); // beside `report`, under another name
  });
}
assert.equal(readFileSync(join(report, 'page'), 'utf8'), 'new');

await replaceFile(join(place, 'best.json'), [Buffer.from('{}\n')]);
assert.deepEqual(readdirSync(place).sort(), ['best.json', 'report']);

rmSync(place, { recursive: true });
