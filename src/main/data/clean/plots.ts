/** Finds plots without content, and plots that end in a web page's "read more". */
import { hash } from 'node:crypto'
import { foldText } from './hashing.ts'
import { isMissing } from './missing.ts'

/** Longer texts have content, whatever they begin with. */
export const MAX_PLACEHOLDER_CHARACTERS = 90
const TAIL = 80

const SUBJECT = '(?:the )?(?:plot|story|storyline|outline|logline|synopsis|details|plot details|plot outline|details and plot)s?'
const SINCE = '(?: (?:at (?:this|the) (?:time|moment|present)|at present|presently|right now|currently))?'
/** Whole texts, folded and without punctuation at their ends. */
const PLACEHOLDERS: readonly RegExp[] = [
  /^add a plot$/,
  new RegExp(`^${SUBJECT}(?: is| are)?(?: currently)?(?: being)?(?: currently)?(?: kept| held)? under wraps?${SINCE}$`),
  new RegExp(
    `^${SUBJECT}(?: is| are)?(?: currently)?(?: being)?(?: currently)?(?: kept)? (?:unknown|undisclosed|secret|confidential)${SINCE}$`,
  ),
  new RegExp(`^${SUBJECT}(?: is| are)? (?:currently )?(?:not available|unavailable|not yet known)${SINCE}$`),
  /^no (?:overview|plot|description|synopsis|summary|storyline)(?: (?:was )?(?:found|available|yet|given|provided))?(?: yet)?$/,
  new RegExp(`^(?:unknown|undisclosed|under wraps|to be announced|to be determined|coming soon)${SINCE}$`),
  /^(?:tba|tbd|tbc)$/,
]

/** `See full summary »` and similar markers at the end of a text. */
const MORE = /(?:see|read) full (?:summary|synopsis|plot)\s*(?:»|&raquo;|>>|›)?\s*$/i

/** The plot without a "See full summary »" at its end and the dots before it; null if it has none. */
export function withoutMoreMarker(plot: string): string | null {
  const tail = plot.slice(-TAIL)
  const marker = MORE.exec(tail)
  if (!marker) return null
  let head = plot.slice(0, plot.length - tail.length + marker.index).trimEnd()
  if (/(?:\.\.|…)$/.test(head)) {
    let end = head.length
    while (end > 0 && '.…'.includes(head.charAt(end - 1))) end--
    head = head.slice(0, end).trimEnd()
  }
  return head
}

/** True if the whole text only says that there is no plot. */
export function isPlaceholder(plot: string): boolean {
  if (plot.length > MAX_PLACEHOLDER_CHARACTERS) return false
  if (plot.trim() !== '' && isMissing(plot)) return true
  const folded = foldText(plot).replace(/^["'([\s]+|[\s.…!»"')\]-]+$/g, '')
  return PLACEHOLDERS.some((pattern) => pattern.test(folded))
}

/** True for a text that is empty, stands for a missing value, or only says that there is no plot. */
export const isNoPlot = (plot: string): boolean => isMissing(plot) || isPlaceholder(plot)

/** A key that is equal for two copies of one plot: case and white space do not count. Short, so that a million fit in memory. */
export function plotKey(plot: string): string {
  return hash('sha1', foldText(plot), 'base64')
}
