import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A repository of one file, on the branch `main`, with nothing of the user's configuration. */
export class TemporaryRepository {
  readonly folder: string = realpathSync(mkdtempSync(join(tmpdir(), 'benchmark-git-')));

  constructor() {
    this.git('init', '--quiet', '--initial-branch=main');
  }

  git(...words: string[]): string {
    const who = ['-c', 'user.name=t', '-c', 'user.email=t@localhost', '-c', 'commit.gpgsign=false'];
    const env = { ...process.env, GIT_CONFIG_GLOBAL: '', GIT_CONFIG_NOSYSTEM: '1' };
    return execFileSync('git', [...who, ...words], { cwd: this.folder, encoding: 'utf8', env }).trim();
  }

  write(text: string): void {
    writeFileSync(join(this.folder, 'file.txt'), text);
  }

  /** @returns the new commit. */
  commit(text: string): string {
    this.write(text);
    this.git('add', '.');
    this.git('commit', '--quiet', '-m', text);
    return this.git('rev-parse', 'HEAD');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
