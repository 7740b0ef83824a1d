/** Added tokens: tokens matched in the text before anything else reads it, such as `[MASK]`, `<|end_of_text|>`. */

export interface AddedToken {
  readonly id: number
  readonly content: string
  /** True for a token that stands for no text. */
  readonly special: boolean
  /** True: matched in the normalised text instead of the original. */
  readonly normalized: boolean
  /** True if white space before, or after it, is part of it. */
  readonly lstrip: boolean
  readonly rstrip: boolean
}

/** Part of a text, [start, end); `added` is null between added tokens. */
export interface Section {
  readonly added: AddedToken | null
  readonly start: number
  readonly end: number
}
export type Splitter = (text: string) => Section[]

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

/**
 * Finds the longest added token at each position, from the left. Sections cover the text in order, except for white space that an added
 * token includes; empty ones are left out.
 */
export function splitter(tokens: readonly AddedToken[], written: (token: AddedToken) => string = (token) => token.content): Splitter {
  const known = new Map(tokens.map((token) => [written(token), token]))
  known.delete('')
  if (known.size === 0) return (text) => (text === '' ? [] : [{ added: null, start: 0, end: text.length }])
  const longestFirst = [...known.keys()].sort((a, b) => b.length - a.length)
  const pattern = new RegExp(longestFirst.map(escaped).join('|'), 'g')
  return (text) => {
    const sections: Section[] = []
    let from = 0
    for (const match of text.matchAll(pattern)) {
      const added = known.get(match[0])!
      const end = match.index + match[0].length
      const until = added.lstrip ? from + text.slice(from, match.index).trimEnd().length : match.index
      if (until > from) sections.push({ added: null, start: from, end: until })
      sections.push({ added, start: match.index, end })
      from = added.rstrip ? text.length - text.slice(end).trimStart().length : end
    }
    if (from < text.length) sections.push({ added: null, start: from, end: text.length })
    return sections
  }
}
