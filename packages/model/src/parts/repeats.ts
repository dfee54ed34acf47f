import type { SparsePart } from './part.ts';

/**
 * The items of the session itself: the one at place k of the last K distinct ones gets
 *
 * c_k + w·l_k + v·l̄ + a·s_k, l_k the logarithm of its clicks in the session, l̄ the mean of these, s_k its score
 *
 * with the weights [c | w, v | a].
 */
export const repeats: SparsePart = {
  widths: ({ repeatLength }) => ({ places: repeatLength, plain: 2, scaled: 1 }),
  rivals: Number.POSITIVE_INFINITY,
  open({ repeatLength: length }) {
    const items = new Int32Array(length);
    const features = new Float64Array(3 * length).fill(1);
    return {
      length,
      items,
      places: Int32Array.from({ length }, (_, place) => place),
      features,
      read(session) {
        let [count, sum] = [0, 0];
        for (; count < length && session.items[count] >= 0; count++) {
          const log = Math.log(session.counts[count]);
          items[count] = session.items[count];
          features[3 * count] = log;
          sum += log;
        }
        for (let at = 0; at < count; at++) features[3 * at + 1] = sum / count;
        return count;
      },
    };
  },
};
