import assert from 'node:assert/strict';
import { parseParameterFile, toConfig } from '@gru4rec/import-gru4rec';
import { parseConfig } from '@gru4rec/model';

const file = `
from collections import OrderedDict
gru4rec_params = OrderedDict([
    ('loss', 'bpr-max'),
    ('layers', [224]),
    ('batch_size', 80),
    ('logq', 1.0),
])
`;
const { config, notes } = toConfig(parseParameterFile(file, 'best.py'));
assert.deepEqual(notes, ['"logq" 1 becomes 0: the PyTorch code uses it only with cross-entropy.']);
const { gru, finalAct, batchSize } = parseConfig(config);
assert.deepEqual({ gru, finalAct, batchSize }, { gru: 'reset-after', finalAct: 'elu-0.5', batchSize: 80 });
