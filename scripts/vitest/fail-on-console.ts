import { afterAll, afterEach } from 'vitest';
import { guardConsole } from './console-guard.ts';

// Code reports through callbacks and return values. A test that needs the console spies on it.
const check = guardConsole(console);
afterEach(check);
afterAll(check);
