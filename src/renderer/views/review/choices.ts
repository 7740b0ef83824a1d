/** The filters' choices, in words. */
import type { Filter } from '../../../contract/api.ts'

export const KINDS: readonly { readonly value: Filter['kind']; readonly label: string }[] = [
  { value: 'any', label: 'Any kind' },
  { value: 'missing', label: 'Missing?' },
  { value: 'spurious', label: 'Spurious?' },
  { value: 'swapped', label: 'Swapped?' },
]
export const REVIEWED: readonly { readonly value: Filter['reviewed']; readonly label: string }[] = [
  { value: 'any', label: 'Reviewed or not' },
  { value: 'no', label: 'Not reviewed' },
  { value: 'yes', label: 'Reviewed' },
]
export const SPLIT_CHOICES: readonly { readonly value: Filter['split']; readonly label: string }[] = [
  { value: 'any', label: 'Any split' },
  { value: 'train', label: 'Train' },
  { value: 'valid', label: 'Validation' },
  { value: 'test', label: 'Test' },
]
type Sort = Pick<Filter, 'sort' | 'descending'>
export const SORTS: readonly { readonly value: string; readonly label: string; readonly filter: Sort }[] = [
  { value: 'score', label: 'Worst first', filter: { sort: 'score', descending: false } },
  { value: 'score down', label: 'Best first', filter: { sort: 'score', descending: true } },
  { value: 'probability down', label: 'Highest probability', filter: { sort: 'probability', descending: true } },
  { value: 'probability', label: 'Lowest probability', filter: { sort: 'probability', descending: false } },
  { value: 'title', label: 'Title', filter: { sort: 'title', descending: false } },
  { value: 'file', label: 'File order', filter: { sort: 'file', descending: false } },
]
