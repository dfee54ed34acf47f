import {
  type ExportedModel,
  ONNX_FILE,
  type WebOptions,
  writeOnnx,
  writeSafetensors,
  writeWeb,
} from '@gru4rec/export';
import { WEB_MANIFEST } from '@gru4rec/model';
import { checkOutputFile, checkOutputFolder } from '../arguments/check-output.ts';

/** Options of an export other than its format. */
export interface ExportOptions extends WebOptions {
  readonly top?: number;
}

/** A format that a model can be exported to. */
interface ExportFormat {
  /** Whether it supports the best items instead of all scores. */
  readonly takesTop: boolean;
  /** Whether it can store parameters as int8. */
  readonly takesWeights?: true;
  /** Throws if the output cannot be written. */
  readonly check: (output: string, overwrite: boolean) => Promise<void>;
  /** Writes the whole output or nothing. */
  readonly write: (model: ExportedModel, output: string, options: ExportOptions) => Promise<void>;
  /** Says what was written. */
  readonly describe: (output: string) => string;
}

const onnxFolder = { marker: ONNX_FILE, content: 'ONNX model' };
const webFolder = { marker: WEB_MANIFEST, content: 'model for the web' };

/** The formats by their name in command lines. */
export const exportFormats = {
  onnx: {
    takesTop: true,
    check: (output, overwrite) => checkOutputFolder(output, overwrite, onnxFolder),
    write: writeOnnx,
    describe: (output) => `The ONNX model is in ${output}, its item ids are in ${output}/items.json`,
  } as ExportFormat,
  safetensors: {
    takesTop: false,
    check: checkOutputFile,
    write: (model, output) => writeSafetensors(model, output),
    describe: (output) => `Parameters, item ids and configuration are in ${output}`,
  } as ExportFormat,
  web: {
    takesTop: false,
    takesWeights: true,
    check: (output, overwrite) => checkOutputFolder(output, overwrite, webFolder),
    write: writeWeb,
    describe: (output) => `The model for browsers is in ${output}; put the folder on any web server`,
  } as ExportFormat,
};

/** Name of an export format. */
export type ExportFormatName = keyof typeof exportFormats;

/** Names of all export formats. */
export const exportFormatNames: readonly ExportFormatName[] = Object.keys(
  exportFormats,
) as ExportFormatName[];
