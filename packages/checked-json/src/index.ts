export { checkJson, type JsonFlaw, showJson } from './check-json.ts';
