/** DistilBERT's shape with the 19 genres of the benchmarks, and without dropout, as the peers have it. */
export const DISTILBERT = {
  model_type: 'distilbert',
  vocab_size: 30_522,
  max_position_embeddings: 512,
  n_layers: 6,
  n_heads: 12,
  dim: 768,
  hidden_dim: 3072,
  activation: 'gelu',
  dropout: 0,
  attention_dropout: 0,
  seq_classif_dropout: 0,
  id2label: Object.fromEntries(Array.from({ length: 19 }, (_, i) => [i, `genre ${i}`])),
}
