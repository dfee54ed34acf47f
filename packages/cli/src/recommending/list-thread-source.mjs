// Node 20 runs no TypeScript, and a thread does not take over what makes the first one run it.
import { register } from 'tsx/esm/api';

register();
await import('./list-thread.ts');
