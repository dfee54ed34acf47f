import { createWasmEngine, evaluate, loadModel, prepare, readDataset, serve, train } from 'gru4rec';

await prepare({ inputs: ['clicks.csv'], output: 'data', testDays: 1, overwrite: true });
const { test, ...dataset } = await readDataset('data');

const engine = createWasmEngine();
const model = await train(dataset, { layers: [100], logq: 1, learningRate: 0.1, nEpochs: 5 }, { engine });
if (test) console.log(evaluate(model.scorer(), test, { cutoffs: [20], support: dataset.support }).results);
await model.save('model');

const session = (await loadModel('model', { engine })).startSession();
for (const itemId of dataset.itemIds.slice(0, 2)) session.click(itemId);
console.log(session.top(3, { excludeSeen: true }));

const { url, server } = await serve('model', { port: 8080 });
console.log(`Serving at ${url}`);
process.once('SIGINT', () => server.stop());
