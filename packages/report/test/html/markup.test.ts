import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeHtml, html } from '../../src/html/markup.ts';

describe('html', () => {
  it('escapes text and keeps markup', () => {
    const bold = html`<b>${'1 < 2'}</b>`;
    expect(html`<p title="${'"x"'}">${bold} ${3}</p>`.text).toBe(
      '<p title="&quot;x&quot;"><b>1 &lt; 2</b> 3</p>',
    );
  });

  it('joins lists', () => {
    expect(html`<ul>${['a', 'b'].map((text) => html`<li>${text}</li>`)}</ul>`.text).toBe(
      '<ul><li>a</li>\n<li>b</li></ul>',
    );
    expect(html`${[]}`.text).toBe('');
  });
});

it('escapeHtml leaves no character that could end a text or an attribute', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(escapeHtml(text)).not.toMatch(/[<>"']|\p{Cc}/u);
    }),
    { seed: 1 },
  );
});
