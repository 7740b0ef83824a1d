/** What computes a training: the device of its recipe, or what is there. */
import { availableParallelism } from 'node:os'
import type { TransformerConfig } from '../../../contract/models.ts'
import { many } from '../../../contract/words.ts'
import type { SessionOptions } from './session.ts'

export interface Chosen {
  readonly options: SessionOptions
  readonly words: string
}

export function chooseSession({ threads }: Pick<TransformerConfig, 'device' | 'threads'>): Promise<Chosen> {
  const used = threads ?? availableParallelism()
  return Promise.resolve({ options: { device: 'cpu', threads: used }, words: `CPU, ${many(used, 'thread')}` })
}
