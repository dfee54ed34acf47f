import {
  type ExportedModel,
  ONNX_FILE,
  SAVED_MODEL_FILE,
  writeOnnx,
  writeSafetensors,
  writeSavedModel,
} from '@gru4rec/export';
import { checkOutputFile } from '../arguments/check-output-file.ts';
import { checkOutputFolder } from '../arguments/check-output-folder.ts';

/** What an export may be asked for beside its format. */
export interface ExportOptions {
  readonly top?: number;
}

/** A format that a model can be exported to. */
interface ExportFormat {
  /** Whether it can hold the best items instead of all scores. */
  readonly takesTop: boolean;
  /** Makes sure that the output can be written. */
  readonly check: (output: string, overwrite: boolean) => Promise<void>;
  /** Writes it, whole or not at all. */
  readonly write: (model: ExportedModel, output: string, options: ExportOptions) => Promise<void>;
  /** What was written, for the user. */
  readonly describe: (output: string) => string;
}

/** A format that a command line can name. */
export type ExportFormatName = 'onnx' | 'safetensors' | 'saved-model';

const onnxFolder = { marker: ONNX_FILE, content: 'ONNX model' };
const savedModelFolder = { marker: SAVED_MODEL_FILE, content: 'SavedModel' };

const formats: Readonly<Record<ExportFormatName, ExportFormat>> = {
  onnx: {
    takesTop: true,
    check: (output, overwrite) => checkOutputFolder(output, overwrite, onnxFolder),
    write: writeOnnx,
    describe: (output) => `The ONNX model is in ${output}, its item ids are in ${output}/items.json`,
  },
  safetensors: {
    takesTop: false,
    check: checkOutputFile,
    write: (model, output) => writeSafetensors(model, output),
    describe: (output) => `Parameters, item ids and configuration are in ${output}`,
  },
  'saved-model': {
    takesTop: true,
    check: (output, overwrite) => checkOutputFolder(output, overwrite, savedModelFolder),
    write: writeSavedModel,
    describe: (output) => `The SavedModel is in ${output}, its item ids are in ${output}/items.json`,
  },
};

/** Names of all formats. */
export const exportFormatNames: readonly ExportFormatName[] = ['onnx', 'safetensors', 'saved-model'];

/** What a name stands for. */
export function exportFormat(name: ExportFormatName): ExportFormat {
  return formats[name];
}
