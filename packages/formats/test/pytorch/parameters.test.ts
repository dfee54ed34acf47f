import { describe, expect, it } from 'vitest';
import { OriginalFormatError, parseParameterFile } from '../../src/pytorch/parameters.ts';

const file = `from collections import OrderedDict

# best of 200 runs
gru4rec_params = OrderedDict([
('loss', 'bpr-max'),  # the authors' best
("layers", [512, 256,]),
('elu_param', 0.5), ('learning_rate', 5e-2),
('constrained_embedding', True),
('device', None),
('compatibility_mode', False),
])
`;

describe('parseParameterFile', () => {
  it.each([file, `\uFEFF${file.replaceAll('\n', '\r\n')}`, file.replace('Ordered', 'collections.Ordered')])(
    'reads an OrderedDict of literals',
    (text) => {
      expect(parseParameterFile(text)).toEqual({
        loss: 'bpr-max',
        layers: [512, 256],
        elu_param: 0.5,
        learning_rate: 0.05,
        constrained_embedding: true,
        device: null,
        compatibility_mode: false,
      });
    },
  );

  it.each([
    '',
    'p = {"loss": "bpr-max"}',
    'p = dict(loss="bpr-max")',
    "p = OrderedDict([('loss', open('x'))])",
    "p = OrderedDict([('layers', [2 * 50])])",
    "p = OrderedDict([('loss', 'bpr-max')]",
    "p = OrderedDict([('loss', 'bpr-max')]).copy()",
    "p = OrderedDict([('loss', 'bpr-max'), ('loss', 'bpr-max')])",
    "p = OrderedDict([('loss', 'bpr-max')])\nq = OrderedDict([])",
    "p = OrderedDict([('loss')])",
    "p = OrderedDict([('n_sample', 010)])",
    `p = OrderedDict(${'['.repeat(20_000)}`,
  ])('refuses %j in one line', (text) => {
    expect(() => parseParameterFile(text, 'best.py')).toThrow(
      new OriginalFormatError(
        'parseParameterFile: "parameters" expected one OrderedDict([("name", literal), ...]) with each name once, got another text, at best.py. The file is parsed, never run: write it like those of the PyTorch program.',
      ),
    );
  });

  it('keeps a name of the prototype as a name', () => {
    expect(Object.keys(parseParameterFile("p = OrderedDict([('__proto__', 1)])"))).toEqual(['__proto__']);
  });
});
