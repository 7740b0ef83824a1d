/** The families that can be loaded. */
import type { Architecture } from '../../../../contract/models.ts'
import type { Family } from '../family.ts'
import { BERT, DISTILBERT } from './encoders.ts'
import { LLAMA } from './llama.ts'

export const FAMILIES: Readonly<Record<Architecture, Family>> = { bert: BERT, distilbert: DISTILBERT, llama: LLAMA }
