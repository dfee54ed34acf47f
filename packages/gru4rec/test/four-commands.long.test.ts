import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateShopLog, shopItems } from '@gru4rec/synthetic';
import { chromiumForTests } from '@gru4rec/test-support/browser';
import { describe, expect, it, onTestFinished } from 'vitest';
import { packAll } from '../../../scripts/lib/pack.mjs';
import { env, npm, npx, npxIn, registryProblem, urlOf } from './as-user.ts';

/** A project with a log of clicks and a file of titles, as a shop exports them. */
function makeProject(project: string): void {
  const shop = { events: 5000, items: 60, days: 10, seed: 3 };
  const { sessionIds, itemIds, times } = generateShopLog(shop);
  const clicks = Array.from(times, (time, row) => `${sessionIds[row]},${itemIds[row]},${time}`);
  const items = shopItems(shop).map(({ id, title, group }) => `${id},${title},${group}`);
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'shop', private: true }));
  writeFileSync(join(project, 'clicks.csv'), `SessionId,ItemId,Time\n${clicks.join('\n')}\n`);
  writeFileSync(join(project, 'items.csv'), `id,title,group\n${items.join('\n')}\n`);
}

describe('somebody who has only Node', () => {
  it('gets from a CSV to recommendations in a browser by four commands', async (ctx) => {
    const folder = mkdtempSync(join(tmpdir(), 'gru4rec-four-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }), 60_000);
    const chromium = await chromiumForTests(process.env);
    if (!('browser' in chromium)) return ctx.skip(chromium.reason);
    onTestFinished(() => chromium.browser.close());
    const problem = await registryProblem(folder);
    if (problem !== undefined) return ctx.skip(problem);
    const [tarballs, project] = [join(folder, 'tarballs'), join(folder, 'project')];
    mkdirSync(tarballs);
    await packAll(tarballs);
    makeProject(project);

    const files = readdirSync(tarballs).map((name) => join(tarballs, name));
    await npm(project, 'install', '--no-audit', '--no-fund', ...files);
    const given = ['--input', 'clicks.csv', '--items', 'items.csv'];
    await npxIn(project, 'gru4rec', 'prepare', ...given, '--output', 'data');
    await npxIn(project, 'gru4rec', 'train', 'data', '--output', 'model');
    const command = ['gru4rec', 'playground', 'model', '--data', 'data', '--port', '0'];
    const playground = spawn(npx.file, [...npx.args, ...command], {
      ...{ cwd: project, env, detached: true },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const stop = () => process.kill(-(playground.pid ?? 0), 'SIGINT');
    onTestFinished(() => {
      if (playground.exitCode === null && playground.signalCode === null) stop();
    });
    const url = await urlOf(playground, /^The playground is at (http:\S+);/m);

    const page = await chromium.browser.newPage();
    const [complaints, elsewhere]: [string[], string[]] = [[], []];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.context().on('request', (request) => {
      if (!request.url().startsWith(url)) elsewhere.push(request.url());
    });
    await page.goto(url);
    const suggestion = page.locator('.suggestions button').first();
    const title = (await suggestion.textContent()) ?? '';
    await suggestion.click();
    for (const name of ['GRU4Rec', 'Sequential rules', 'Nearest sessions']) {
      const list = page.getByRole('region', { name: `What comes next, by ${name}` }).locator('.title');
      await list.nth(9).waitFor();
      for (const listed of await list.allTextContents()) {
        expect(listed).toMatch(/^[A-Z][a-z]+ [a-z]+ [a-z]+ \d+/);
        expect(title).not.toContain(listed);
      }
    }
    expect(await page.locator('.facts').textContent()).toMatch(/^model.*GRU 224.*bpr-max/);
    expect({ complaints, elsewhere }).toEqual({ complaints: [], elsewhere: [] });

    const ended = new Promise((resolve) => playground.on('close', resolve));
    stop();
    await ended;
    await expect(fetch(url)).rejects.toThrow();
  }, 600_000);
});
