export { checkJson, type JsonFlaw } from './check-json.ts';
