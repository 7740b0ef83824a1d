/** The outcomes of a cell: one icon and one colour (app.css) for each, on every screen. */
import ArrowLeftRight from '@lucide/svelte/icons/arrow-left-right'
import Check from '@lucide/svelte/icons/check'
import Diff from '@lucide/svelte/icons/diff'
import EyeOff from '@lucide/svelte/icons/eye-off'
import Minus from '@lucide/svelte/icons/minus'
import Plus from '@lucide/svelte/icons/plus'

/** A label that agrees with the model, is missing, is spurious, or is impossible to tell from the plot. */
export const OUTCOMES = ['good', 'missing', 'spurious', 'impossible'] as const
export type Outcome = (typeof OUTCOMES)[number]
/** `swapped`: a spurious label with the missing one that belongs in its place. `bad`: missing or spurious. */
export const OUTCOME_ICONS = { good: Check, missing: Plus, spurious: Minus, impossible: EyeOff, swapped: ArrowLeftRight, bad: Diff }
export type OutcomeIcon = keyof typeof OUTCOME_ICONS
export const isOutcome = (name: string): name is OutcomeIcon => Object.hasOwn(OUTCOME_ICONS, name)
