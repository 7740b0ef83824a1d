/** Dropout of a step, and what it is fed. */
import type { GraphBuilder } from '../graph/builder.ts'
import type { Dropout } from '../models/family.ts'
import type { Feeds } from './stepper.ts'

export const dropoutOf: (b: GraphBuilder) => Dropout | null = () => null
/** What a micro-batch of a step draws with. */
export const stepFeeds: (seed: number, step: number, micro: number) => Feeds = () => ({})
