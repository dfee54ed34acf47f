/**
 * Sets the variables that TensorFlow reads when it is loaded, unless the user has set them.
 *
 * - It writes nothing to standard error, because failures are exceptions.
 * - Each op uses half of the cores, because ops already run in parallel. With both of two cores per op a training step
 *   took a third longer (330 steps/s instead of 440, cross-entropy with 100 units; 110 instead of 137, BPR-max with
 *   224), and ranking was no faster.
 * - A GPU multiplies in float32. From Ampere on, TensorFlow would otherwise round to TF32, with errors of 1e-3.
 *
 * @param environment - `process.env`. It is changed.
 * @param cores - number of cores of this machine.
 */
export function prepareEnvironment(environment: Record<string, string | undefined>, cores: number): void {
  environment['TF_CPP_MIN_LOG_LEVEL'] ??= '3';
  environment['TF_NUM_INTRAOP_THREADS'] ??= String(Math.max(1, Math.floor(cores / 2)));
  environment['NVIDIA_TF32_OVERRIDE'] ??= '0';
}
