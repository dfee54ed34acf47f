import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EngineUnavailableError } from '@gru4rec/program';
import { checkDevice, findRuntimes, loadTensorFlow } from '@gru4rec/tensorflow-runtime';

const places = { folder: join(tmpdir(), 'no-such-cache'), resolveFrom: tmpdir() };
assert.deepEqual(findRuntimes(places), []); // nothing is installed or set up there

assert.throws(
  () => loadTensorFlow({ device: 'gpu', ...places }),
  (error) => error instanceof EngineUnavailableError && /gru4rec setup tensorflow --gpu/.test(error.message),
);

const check = checkDevice('cpu', places); // in a separate process
assert.equal(check.works, false);
