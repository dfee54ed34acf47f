export type { ExportedModel } from './exported-model.ts';
export { ONNX_FILE, type OnnxOptions, toOnnx, writeOnnx } from './onnx/to-onnx.ts';
export { readSafetensors, writeSafetensors } from './safetensors.ts';
export { type WebOptions, writeWeb } from './web/write-web.ts';
