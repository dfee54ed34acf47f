export type { ExportedModel } from './exported-model.ts';
export { type OnnxOptions, toOnnx } from './onnx/to-onnx.ts';
export { ONNX_FILE, writeOnnx } from './onnx/write-onnx.ts';
export { readSafetensors } from './safetensors/from-safetensors.ts';
export { writeSafetensors } from './safetensors/to-safetensors.ts';
export { type WebOptions, writeWeb } from './web/write-web.ts';
