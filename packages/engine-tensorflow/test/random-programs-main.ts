// Runs random programs in TensorFlow and in the reference engine. One line of JSON per program: [seed, problem or null].
import { expectAgreement, randomProgram, tensorFlowForTests } from '@gru4rec/test-support';
import { createTensorFlowEngine } from '../src/index.ts';

const seeds = process.argv.slice(2).map(Number);
const { loaded, missing } = tensorFlowForTests(process.env);
if (!loaded) throw new Error(missing);

const problemOf = (run: () => void): string | null => {
  try {
    run();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
};

for (const seed of seeds) {
  const made = randomProgram(seed);
  const runtime = createTensorFlowEngine({ tensorflow: loaded.tensorflow }).load([made.program]);
  const problem = problemOf(() => expectAgreement(runtime, made));
  runtime.dispose();
  process.stdout.write(`${JSON.stringify([seed, problem])}\n`);
}
