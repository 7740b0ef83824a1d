/** Small tokenizers of many kinds, in the format of tokenizer.json. */

type Json = Record<string, unknown>
const byId = (tokens: readonly string[]): Record<string, number> => Object.fromEntries(tokens.map((token, id) => [token, id]))
const template = (...before: readonly [string, number][]): Json => ({
  type: 'TemplateProcessing',
  single: [...before.map(([id]) => ({ SpecialToken: { id, type_id: 0 } })), { Sequence: { id: 'A', type_id: 0 } }],
  pair: [],
  special_tokens: Object.fromEntries(before.map(([id, n]) => [id, { id, ids: [n], tokens: [id] }])),
})
const json = (model: Json, parts: Json = {}): Json => ({
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: null,
  post_processor: null,
  decoder: null,
  ...parts,
  model,
})
const special = (id: number, content: string, more: Json = {}): Json => ({ id, content, special: true, normalized: false, ...more })

const BYTES = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`)
/** GPT-2's alphabet, from its published rule, not from the code under test. */
const ALPHABET = Array.from({ length: 256 }, (_, byte) => byte)
  .sort((a, b) => Number(hidden(a)) - Number(hidden(b)) || a - b)
  .map((byte, place) => String.fromCharCode(hidden(byte) ? 256 + place - 188 : byte))
function hidden(byte: number): boolean {
  return byte < 33 || (byte > 126 && byte < 161) || byte === 173
}

/** Like Llama 1 and 2: the whole text is one word, U+2581 replaces spaces, and unknown characters become bytes. */
export const sentencePiece = json(
  {
    type: 'BPE',
    unk_token: '<unk>',
    byte_fallback: true,
    fuse_unk: true,
    vocab: byId(['<unk>', '<s>', '</s>', ...BYTES, ...Array.from('▁filmaé'), '▁f', 'il', '▁fil', '▁film', '▁a', '▁▁']),
    merges: ['▁ f', 'i l', '▁f il', '▁fil m', '▁ a', '▁ ▁'],
  },
  {
    added_tokens: [special(0, '<unk>'), special(1, '<s>'), special(2, '</s>')],
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'Prepend', prepend: '▁' },
        { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
      ],
    },
    post_processor: template(['<s>', 1]),
  },
)
/** The same without bytes: unknown characters side by side are one token, beyond spaces too. */
export const fused = json(
  {
    type: 'BPE',
    unk_token: '<unk>',
    fuse_unk: true,
    vocab: byId(['<unk>', ...Array.from('film'), 'il', 'f▁', 'm▁i']),
    merges: ['i l'],
  },
  { normalizer: sentencePiece['normalizer'] },
)
/** Merges that join the end of a word with the space after it. */
export const crossing = json(
  {
    type: 'BPE',
    unk_token: '<unk>',
    fuse_unk: true,
    vocab: byId(['<unk>', ...Array.from('▁film'), 'f▁', 'f▁i', 'il']),
    merges: ['f ▁', 'i l', 'f▁ i'],
  },
  { normalizer: sentencePiece['normalizer'] },
)
/** Like Llama 3: bytes, after a pattern has split the text. */
export const byteLevel = json(
  {
    type: 'BPE',
    ignore_merges: true,
    vocab: byId([...ALPHABET, 'Ġf', 'Ġfilm', 'film', 'Ã©', '<|begin|>', '<|end|>']),
    merges: [
      ['Ġ', 'f'],
      ['Ã', '©'],
    ],
  },
  {
    added_tokens: [special(260, '<|begin|>'), special(261, '<|end|>')],
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        {
          type: 'Split',
          pattern: {
            Regex: "(?i:'s|'t)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
          },
          behavior: 'Isolated',
          invert: false,
        },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
      ],
    },
    post_processor: { type: 'Sequence', processors: [{ type: 'ByteLevel', trim_offsets: true }, template(['<|begin|>', 260])] },
  },
)
/** Like GPT-2 and SmolLM, with a space added before the text. */
export const prefixed = json(byteLevel['model'] as Json, {
  pre_tokenizer: {
    type: 'Sequence',
    pretokenizers: [
      { type: 'Digits', individual_digits: true },
      { type: 'ByteLevel', add_prefix_space: true, use_regex: true },
    ],
  },
})
export const unigram = json(
  {
    type: 'Unigram',
    unk_id: 0,
    vocab: [
      ['<unk>', 0],
      ['▁', -3],
      ['▁film', -2],
      ['fi', -2.5],
      ['▁a', -2],
      ['ガ', -3],
      ['l', -4],
    ],
  },
  {
    normalizer: {
      type: 'Sequence',
      normalizers: [{ type: 'NFKC' }, { type: 'Lowercase' }, { type: 'Strip', strip_left: true, strip_right: true }],
    },
    pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first', split: false },
  },
)
/** WordPiece with a normalizer and pre-tokenizer other than BERT's. */
export const otherWordPiece = json(
  {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    vocab: byId(['[UNK]', 'film', '##s', 'a', 'cafe', '!']),
  },
  {
    added_tokens: [{ id: 6, content: '<Movie>', special: false, normalized: true, lstrip: true, rstrip: true }],
    normalizer: { type: 'Sequence', normalizers: [{ type: 'NFD' }, { type: 'StripAccents' }, { type: 'Lowercase' }] },
    pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, { type: 'Punctuation' }] },
  },
)
export const wordEnds = json(
  {
    type: 'BPE',
    unk_token: '<unk>',
    end_of_word_suffix: '</w>',
    vocab: byId(['<unk>', 'f', 'i', 'm</w>', 'fi', 'fim</w>', 'i</w>']),
    merges: ['f i', 'fi m</w>'],
  },
  { pre_tokenizer: { type: 'WhitespaceSplit' } },
)
export const KINDS: Readonly<Record<string, Json>> = {
  sentencePiece,
  fused,
  crossing,
  byteLevel,
  prefixed,
  unigram,
  otherWordPiece,
  wordEnds,
}
