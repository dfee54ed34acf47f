import { type IdStructure, measureIdLookup } from './id-lookup.ts';

const [structure, ids] = process.argv.slice(2);
process.send?.(measureIdLookup(structure as IdStructure, Number(ids)));
