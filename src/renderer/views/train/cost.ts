/** What a training costs here, in words. */
import type { Cost } from '../../stores/recipes.svelte.ts'
import { duration } from '../../messages/format.ts'

/** `640 MB`, `1.9 GB`. */
export const memory = (mb: number): string => (mb < 1000 ? `${Math.max(1, Math.round(mb))} MB` : `${(mb / 1000).toFixed(1)} GB`)

export interface CostWords {
  /** `about 3 min, 1.2 GB`, short enough for a list. */
  readonly short: string
  readonly sentence: string
  readonly fits: boolean
}
export function costInWords(cost: Cost): CostWords {
  if ('problem' in cost) return { short: 'not known', sentence: cost.problem, fits: true }
  const { seconds, peakMb, freeMb, fits, basis } = cost.estimate
  if (!fits)
    return {
      short: `does not fit: ${memory(peakMb)}`,
      sentence: `Does not fit: it needs ${memory(peakMb)} of memory, and ${memory(freeMb)} are free. Close other programs, or choose a smaller model, LoRA, shorter plots or fewer tokens at once.`,
      fits,
    }
  const time = seconds === null ? '' : `about ${duration(seconds * 1000)}, `
  return {
    short: `${time}${memory(peakMb)}`,
    sentence: `Here: ${time}${memory(peakMb)} of memory at its peak, of ${memory(freeMb)} that are free.${basis === '' ? '' : ` ${basis}`}`,
    fits,
  }
}
