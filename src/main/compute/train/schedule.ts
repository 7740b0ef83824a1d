/** Learning rate over a training, following Transformers' `get_scheduler` (optimization.py). */
import type { TransformerConfig } from '../../../contract/models.ts'

type Shape = TransformerConfig['schedule']

/** Share of the peak after the warm-up, at `progress` (0 to 1) of the remaining steps. */
const SHAPES: Record<Shape, (progress: number) => number> = {
  linear: (progress) => Math.max(0, 1 - progress),
  cosine: (progress) => Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress))),
  constant: () => 1,
}

/** Number of steps in which the rate rises: `TrainingArguments.get_warmup_steps`. */
export const warmUpSteps = (total: number, share: number): number => Math.ceil(total * share)

/**
 * Learning rate of a step.
 * @param step from 0; the first of a warm-up has the rate 0, as in Transformers
 * @param total steps of the whole training
 */
export function learningRateAt(
  step: number,
  total: number,
  { schedule, warmUp, learningRate }: Pick<TransformerConfig, 'schedule' | 'warmUp' | 'learningRate'>,
): number {
  const rising = warmUpSteps(total, warmUp)
  if (step < rising) return (learningRate * step) / Math.max(1, rising)
  return learningRate * SHAPES[schedule]((step - rising) / Math.max(1, total - rising))
}
