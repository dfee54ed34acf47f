import { type Mapping, refuse } from './mapping.ts';

/** Configuration keys of layers, input and dropout. */
export interface InputKeys {
  readonly layers: readonly number[];
  readonly constrainedEmbedding: boolean;
  readonly embedding: number | 'layersize';
  readonly gru: 'reset-before' | 'reset-after';
  readonly dropoutPEmbed: number;
  readonly dropoutPHidden: number;
}

/**
 * Maps layers, embedding, constrained_embedding and the dropouts, and selects the variant of the GRU.
 * @throws OriginalFormatError for a combination that the authors' code cannot run.
 */
export function mapEmbedding(mapping: Mapping): InputKeys {
  const { given, code } = mapping;
  const { layers = [100], constrained_embedding: constrained = code === 'pytorch' } = given;
  const embedding = constrained ? withConstrained(mapping) : (given.embedding ?? 0);
  const { dropout_p_embed: dropoutPEmbed = 0, dropout_p_hidden: dropoutPHidden = 0 } = given;
  const keys = { layers, constrainedEmbedding: constrained, embedding, dropoutPEmbed, dropoutPHidden };
  const gru = code === 'theano' ? ('reset-before' as const) : ('reset-after' as const);
  if (constrained || embedding !== 0) return { ...keys, gru };
  if (code === 'pytorch') return { ...keys, ...oneHotOfPytorch(mapping, layers) };
  if (dropoutPEmbed > 0) {
    mapping.notes.push(`"dropout_p_embed" ${dropoutPEmbed} becomes 0: one-hot input has no embedding.`);
  }
  return { ...keys, gru, dropoutPEmbed: 0 };
}

function withConstrained({ given, code, notes }: Mapping): 0 {
  const { embedding = 0 } = given;
  if (embedding === 0) return 0;
  if (code === 'pytorch') {
    const advice = 'The PyTorch code fails here; set constrained_embedding=False for a separate table.';
    refuse('embedding', '0 with constrained_embedding True', embedding, advice);
  }
  notes.push(`"embedding" ${embedding} becomes 0: it has no effect with constrained_embedding True.`);
  return 0;
}

/**
 * One-hot input of the PyTorch code: a reset-before cell with dropout_p_embed on its output. Layers above it would be
 * reset-after, which that code cannot run.
 */
function oneHotOfPytorch(
  { given, notes }: Mapping,
  layers: readonly number[],
): Pick<InputKeys, 'gru' | 'dropoutPEmbed' | 'dropoutPHidden'> {
  if (layers.length > 1) {
    const advice =
      'Its first layer is then reset-before and the next ones are reset-after, which a model here cannot mix (and the PyTorch code itself fails); give an embedding, or select the Theano code.';
    refuse('layers', 'one layer with one-hot input in the PyTorch code', layers, advice);
  }
  const { dropout_p_embed: ofEmbed = 0, dropout_p_hidden: ofHidden = 0 } = given;
  if (ofEmbed > 0 || ofHidden > 0) {
    notes.push(
      `"dropout_p_embed" ${ofEmbed} becomes dropoutPHidden, and "dropout_p_hidden" ${ofHidden} is dropped: with one-hot input the PyTorch code applies the former to the layer's output and the latter nowhere.`,
    );
  }
  return { gru: 'reset-before', dropoutPEmbed: 0, dropoutPHidden: ofEmbed };
}
