/** The families that can be loaded. */
import type { Architecture } from '../../../../contract/models.ts'
import type { Family } from '../family.ts'
import { DECODER_FAMILIES } from './decoders.ts'
import { ENCODER_FAMILIES } from './encoders.ts'
import { MODERNBERT } from './modernbert.ts'

export const FAMILIES: Readonly<Record<Architecture, Family>> = { ...ENCODER_FAMILIES, modernbert: MODERNBERT, ...DECODER_FAMILIES }
