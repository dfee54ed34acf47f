// Node 20 runs no TypeScript.
import { register } from 'tsx/esm/api';

register();
await import('./rebase-process.ts');
