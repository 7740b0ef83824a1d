import type { View } from '../../stores/nav.svelte.ts'

export const TITLES: Readonly<Record<View, string>> = {
  import: 'Import',
  clean: 'Clean',
  overview: 'Overview',
  review: 'Review',
  train: 'Train',
  try: 'Try',
  export: 'Export',
}
