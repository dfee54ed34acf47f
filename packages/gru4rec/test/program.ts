import { evaluateAsync, figuresAt, loadModel, prepare, readDataset, serve, train } from 'gru4rec';

await prepare({ inputs: ['clicks.csv'], output: 'data', testDays: 1, overwrite: true });
const { test, ...dataset } = await readDataset('data');

const model = await train(dataset, { layers: [100], logq: 1, learningRate: 0.1, nEpochs: 5 });
if (test) console.log(figuresAt(await evaluateAsync(model.scorer(), test), 20));
await model.save('model');

const session = (await loadModel('model')).startSession();
for (const itemId of dataset.itemIds.slice(0, 2)) session.click(itemId);
console.log(session.recommend(3, { excludeSeen: true }));

const { url, server } = await serve('model', { port: 8080 });
console.log(`Serving at ${url}`);
process.once('SIGINT', () => server.stop());
