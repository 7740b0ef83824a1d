/** Help pages: documents that the build has turned into HTML (help-pages.ts), and the search in them. */

/** One heading of a page with the text below it. */
export interface HelpSection {
  /** The part of the address that leads to it. */
  readonly anchor: string
  readonly title: string
  /** 1 for the title of the page. */
  readonly level: number
  readonly text: string
}
export interface HelpPage {
  readonly name: string
  readonly title: string
  /** Made while the window was built, from a document of the program. */
  readonly html: string
  readonly sections: readonly HelpSection[]
}
/** The documents as the build compiles them: the module `virtual:help`. */
export interface Help {
  /** Names of the pages in the order of the table of contents. */
  readonly GROUPS: Readonly<Record<'start' | 'data' | 'review' | 'understand' | 'model' | 'reference', readonly string[]>>
  readonly PAGES: readonly HelpPage[]
}
/** A section that has every word that was asked for. */
export interface HelpHit {
  readonly page: HelpPage
  readonly section: HelpSection
  /** Text around the first word, cut at both ends where needed. */
  readonly excerpt: string
}

const MAX_HITS = 30
const [BEFORE, AFTER] = [50, 130]

function excerptOf(text: string, words: readonly string[]): string {
  const lower = text.toLowerCase()
  const at = Math.max(0, Math.min(...words.map((word) => lower.indexOf(word)).filter((found) => found >= 0), text.length))
  const from = at <= BEFORE || at === text.length ? 0 : text.indexOf(' ', at - BEFORE) + 1
  const end = from + BEFORE + AFTER
  const to = end < text.length ? text.lastIndexOf(' ', end) : end
  return `${from > 0 ? '… ' : ''}${text.slice(from, to)}${to < text.length ? ' …' : ''}`
}

const wordsOf = (query: string): readonly string[] => query.toLowerCase().split(/\s+/).filter(Boolean)

/** The text in parts: `hit` are the words that were asked for. */
export function wordsIn(text: string, query: string): readonly { readonly text: string; readonly hit: boolean }[] {
  const words = wordsOf(query).map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
  if (words.length === 0) return [{ text, hit: false }]
  return text.split(new RegExp(`(${words.join('|')})`, 'i')).map((part, i) => ({ text: part, hit: i % 2 === 1 }))
}

/** The sections that have every word of `query`, those with a word in their title first. */
export function searchHelp(pages: readonly HelpPage[], query: string): readonly HelpHit[] {
  const words = wordsOf(query)
  if (words.length === 0) return []
  const hits = pages.flatMap((page) =>
    page.sections.flatMap((section) => {
      const title = section.title.toLowerCase()
      const text = section.text.toLowerCase()
      if (!words.every((word) => title.includes(word) || text.includes(word))) return []
      const score = words.filter((word) => title.includes(word)).length * 3 + Number(title.startsWith(words[0] ?? ''))
      return [{ page, section, excerpt: excerptOf(section.text, words), score }]
    }),
  )
  return hits.sort((a, b) => b.score - a.score).slice(0, MAX_HITS)
}
