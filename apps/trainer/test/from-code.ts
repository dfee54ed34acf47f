import { createWasmEngine } from '@gru4rec/engine-wasm';
import { evaluate } from '@gru4rec/metrics';
import { loadModel, train } from '@gru4rec/model';
import { readDataset } from '@gru4rec/sessions';

const engine = createWasmEngine();
const dataset = await readDataset('data');
const config = { layers: [100], logq: 1, learningRate: 0.1, nEpochs: 5 };

const model = await train(dataset, config, {
  engine,
  onEpoch: ({ epoch, loss, eventsPerSecond }) =>
    console.log(`epoch ${epoch}: loss ${loss.toFixed(3)}, ${Math.round(eventsPerSecond)} events/s`),
});
const { support, test } = dataset;
if (test) console.log(evaluate(model.scorer(), test, { cutoffs: [20], support }).results);
await model.save('model');

const session = (await loadModel('model', { engine })).startSession();
for (const itemId of dataset.itemIds.slice(0, 2)) session.click(itemId); // a click costs one step
console.log(session.top(3, { excludeSeen: true }));
