import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import { PackError } from './pack-error.ts';

/** A part of an archive: its file name, size and SHA-256 in hexadecimal. */
export interface Part {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Equal files give equal archives, so that parts that a machine has already need not be sent again. */
const tarOptions = '--dereference --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner'.split(' ');

/**
 * Writes the contents of a folder, following links, as `<archive>.000`, `<archive>.001`, …: a tar file, compressed by xz
 * on two threads and split.
 *
 * @param archive - path of the archive, without the number of a part.
 * @param partSize - largest size of a part in bytes.
 * @throws PackError if tar or xz is missing or fails; errors of the file system. Parts written before stay.
 */
export async function writeArchive(folder: string, archive: string, partSize: number): Promise<Part[]> {
  const tar = spawn('tar', ['--create', ...tarOptions, '--directory', folder, '.'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const xz = spawn('xz', ['--threads=2', '--stdout'], { stdio: [tar.stdout, 'pipe', 'inherit'] });
  // Only xz reads it, so that tar ends when xz does.
  tar.stdout.destroy();
  const [parts] = await Promise.all([
    split(xz.stdout, archive, partSize),
    succeeds('tar', tar),
    succeeds('xz', xz),
  ]);
  return parts;
}

function succeeds(name: string, child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.on('error', (cause) => reject(new PackError(`${name} cannot be run: ${cause.message}`, { cause })));
    child.on('close', (status) => {
      if (status === 0) resolve();
      else reject(new PackError(`${name} ended with exit code ${status}`));
    });
  });
}

async function split(stream: AsyncIterable<Buffer>, archive: string, partSize: number): Promise<Part[]> {
  const parts: Part[] = [];
  let part = startPart(archive, 0);
  for await (const chunk of stream) {
    for (let from = 0; from < chunk.length; ) {
      if (part.bytes === partSize) {
        parts.push(part.end());
        part = startPart(archive, parts.length);
      }
      const bytes = chunk.subarray(from, from + partSize - part.bytes);
      part.write(bytes);
      from += bytes.length;
    }
  }
  return [...parts, part.end()];
}

function startPart(archive: string, index: number) {
  const path = `${archive}.${String(index).padStart(3, '0')}`;
  const file = openSync(path, 'w');
  const hash = createHash('sha256');
  return {
    bytes: 0,
    write(bytes: Buffer) {
      writeSync(file, bytes);
      hash.update(bytes);
      this.bytes += bytes.length;
    },
    end(): Part {
      closeSync(file);
      return { file: basename(path), bytes: this.bytes, sha256: hash.digest('hex') };
    },
  };
}
