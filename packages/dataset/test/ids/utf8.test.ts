import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 as ofBrowsers } from '../../src/ids/utf8.browser.ts';
import { utf8 as ofNode } from '../../src/ids/utf8.node.ts';

/** Any UTF-16, lone surrogates and byte order marks included. */
const text = fc.oneof(
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', '\uFEFFa', 'a\uFEFF', '\0', '\uD83D', '😀'),
);

describe('utf8 of browsers', () => {
  it('writes and reads texts as that of Node does', () => {
    fc.assert(
      fc.property(text, fc.nat(3), (value, at) => {
        const [expected, got] = [ofNode, ofBrowsers].map((utf8) => {
          const bytes = utf8.allocate(at + utf8.byteLength(value) + 1);
          const written = utf8.write(bytes, value, at);
          return { written, bytes: [...bytes], text: utf8.text(utf8.view(bytes), at, at + written) };
        });
        expect(got).toEqual(expected);
      }),
    );
  });

  it('finds the same bytes to be UTF-8', () => {
    const encoded = text.map((value) => new Uint8Array(Buffer.from(value)));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 6 }), encoded), (bytes) => {
        expect(ofBrowsers.isUtf8(bytes)).toBe(ofNode.isUtf8(bytes));
      }),
    );
  });
});
