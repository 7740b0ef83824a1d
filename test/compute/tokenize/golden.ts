import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { goldenValues, readGoldenJson } from '../../support/paths.ts'

/** A small uncased vocabulary in BERT's layout. */
export const goldenVocabulary: readonly string[] = readFileSync(join(goldenValues, 'tokenizer/vocab.txt'), 'utf8').trimEnd().split('\n')
/** Texts with their ids by an independent tokenizer (test/golden/python/wordpiece.py). */
export const goldenTexts = readGoldenJson('tokenizer/texts.json') as readonly { readonly text: string; readonly ids: readonly number[] }[]
