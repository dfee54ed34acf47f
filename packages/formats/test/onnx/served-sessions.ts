import { SessionHistory } from '@gru4rec/batcher';
import type { InferenceSession, Tensor } from 'onnxruntime-node';

export const onnxRuntime = await import('onnxruntime-node').catch(() => undefined);

/** Parallel sessions in ONNX Runtime, which stores no states. */
export class ServedSessions {
  readonly #session: InferenceSession;
  readonly #slots: number;
  #states: Record<string, Tensor> = {};
  #history: SessionHistory | undefined;

  constructor(session: InferenceSession, slots: number) {
    this.#session = session;
    this.#slots = slots;
  }

  static async open(bytes: Uint8Array, slots: number): Promise<ServedSessions> {
    const session = await onnxRuntime!.InferenceSession.create(bytes, {
      intraOpNumThreads: 1,
      logSeverityLevel: 4,
    });
    return new ServedSessions(session, slots);
  }

  /**
   * Processes one more event per session; a session that starts has zero states.
   * @param clickFeatures - [slots × columns], for a model with them.
   */
  async step(
    input: Int32Array,
    resetMask: Float32Array,
    clickFeatures: Int32Array = new Int32Array(),
  ): Promise<Readonly<Record<string, Tensor>>> {
    const session = this.#session;
    const slots = this.#slots;
    const { Tensor } = onnxRuntime!;
    const feeds: Record<string, Tensor> = {
      item: new Tensor('int64', BigInt64Array.from(input, BigInt), [slots]),
    };
    for (const { name, shape } of session.inputMetadata as readonly InferenceSession.TensorValueMetadata[]) {
      if (name === 'item') continue;
      const units = Number(shape[1]);
      if (name === 'click_features') {
        feeds[name] = new Tensor('int64', BigInt64Array.from(clickFeatures, BigInt), [slots, units]);
        continue;
      }
      if (name === 'history') {
        this.#history ??= new SessionHistory(slots, units);
        this.#history.follow(input, resetMask);
        feeds[name] = new Tensor('int64', BigInt64Array.from(this.#history.items, BigInt), [slots, units]);
        continue;
      }
      if (name === 'history_clicks' && this.#history) {
        const { counts, length } = this.#history;
        const rows = Array.from({ length: slots }, (_, slot) => {
          const row = [...counts.subarray(slot * length, (slot + 1) * length)];
          const logs = row.map((count) => Math.log(Math.max(1, count)));
          const places = row.filter((count) => count > 0).length;
          return [...logs, logs.reduce((sum, log) => sum + log, 0) / Math.max(1, places)];
        });
        feeds[name] = new Tensor('float32', Float32Array.from(rows.flat()), [slots, units]);
        continue;
      }
      const values =
        (this.#states[name]?.data as Float32Array | undefined) ?? new Float32Array(slots * units);
      const kept = values.map((value, i) => (resetMask[Math.floor(i / units)] ? 0 : value));
      feeds[name] = new Tensor('float32', kept, [slots, units]);
    }
    const results = await session.run(feeds);
    for (const name of Object.keys(feeds)) {
      if (name.startsWith('layer')) this.#states[name] = results[`${name}_next`]!;
    }
    return results;
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}
