/** The context menu of a row of the list. */
import type { MenuGroup } from '../../components/menu.ts'
import { m } from '../../messages/index.ts'
import { movieHash } from '../../stores/nav.svelte.ts'
import { suggestionsOf, titleOf } from '../../stores/review-logic.ts'
import type { Stores } from '../../stores/stores.svelte.ts'

/** The address of a movie. Under Electron, the window's own address means nothing outside it. */
const linkTo = (key: string): string =>
  `${location.protocol.startsWith('http') ? location.origin + location.pathname : ''}${movieHash(key)}`

export async function copy({ notices }: Stores, text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    notices.info(m.review.row.copied(text))
  } catch (error) {
    notices.error(error)
  }
}
export const copyLink = (stores: Stores, key: string): Promise<void> => copy(stores, linkTo(key))

/** @param edit opens the bulk edit */
export function rowMenu(stores: Stores, edit: () => void): readonly MenuGroup[] {
  const { review } = stores
  const { picked } = review
  const row = review.rows.get(review.selected ?? -1)
  if (!row) return []
  const text = m.review.row
  const suggestions = suggestionsOf(row).length
  const several: MenuGroup = {
    title: text.selected(picked.count),
    items: [
      { label: m.review.bulk.open, act: edit },
      { label: text.unselect, act: () => picked.clear() },
    ],
  }
  return [
    ...(picked.count > 0 ? [several] : []),
    {
      title: text.one(titleOf(row)),
      items: [
        { label: suggestions > 0 ? m.review.acceptAll(suggestions) : m.review.primary.review, act: review.acceptAll },
        { label: m.review.keep, act: review.keep },
        { label: row.flagged ? text.unflag : m.review.flag, act: review.flag },
        { label: row.skipped ? m.review.bringBack : m.review.skip, act: review.skip },
      ],
    },
    {
      items: [
        { label: text.copyLink, act: () => copyLink(stores, row.key) },
        { label: text.copyId, act: () => copy(stores, row.key) },
        { label: text.similar, act: () => review.pickSimilar() },
      ],
    },
  ]
}
