/**
 * Repairs the characters of a plot: HTML, control characters, Unicode forms and white space. Each function returns null if nothing
 * changes.
 */
import { decodeHTMLStrict } from 'entities'
import { TRAIT, traitsOf } from './traits.ts'

const TAG =
  /<\/?(?:a|abbr|article|b|big|blockquote|br|center|cite|code|dd|del|div|dl|dt|em|font|h[1-6]|hr|i|iframe|img|ins|li|link|meta|ol|p|pre|q|s|script|section|small|span|strike|strong|style|sub|sup|table|tbody|td|th|thead|tr|tt|u|ul)(?:\s[^<>]*)?\/?>/gi
/** Tags that end a line or a paragraph. */
const BREAK = /^<\/?(?:br|p|div|li|ul|ol|tr|h[1-6]|hr|blockquote|section|article|dd|dt)\b/i
/** `&amp;quot;` was escaped twice. */
const ROUNDS = 3

/** Text without HTML tags and with its entities as characters. `<3`, `AT&T` and unknown tags stay. */
export function withoutHtml(text: string): string | null {
  if (!text.includes('<') && !text.includes('&')) return null
  let plain = text
  for (let round = 0; round < ROUNDS; round++) {
    const before = plain
    if (plain.includes('<')) plain = withoutComments(plain).replace(TAG, (tag) => (BREAK.test(tag) ? '\n' : ''))
    if (plain.includes('&')) plain = decodeHTMLStrict(plain)
    if (plain === before) break
  }
  return plain === text ? null : plain
}

/** A loop, because an expression would search for the end of a comment at each of many beginnings. */
function withoutComments(text: string): string {
  const parts: string[] = []
  let from = 0
  for (let at = text.indexOf('<!--'); at >= 0; at = text.indexOf('<!--', from)) {
    const end = text.indexOf('-->', at + 4)
    if (end < 0) break
    parts.push(text.slice(from, at))
    from = end + 3
  }
  return from === 0 ? text : [...parts, text.slice(from)].join(' ')
}

/** Control characters except tab and line breaks, and zero-width marks; not the joiners, which Persian and emoji need. */
const CONTROLS = /(?![\t\n\r\u0085])[\p{Cc}\u00ad\u200b\u2060\ufeff]/gu
/** Lone surrogates. */
const LONE_SURROGATE = /\p{Surrogate}/gu
/** Directional marks: they are intended if the text has letters that run from right to left. */
const DIRECTIONS = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/
export function withoutControls(text: string): string | null {
  if ((traitsOf(text) & TRAIT.control) === 0) return null
  let plain = text.replace(CONTROLS, '').replace(LONE_SURROGATE, '')
  if (!RIGHT_TO_LEFT.test(plain)) plain = plain.replace(DIRECTIONS, '')
  return plain === text ? null : plain
}

export const UNICODE_FORMS = ['NFC', 'NFKC'] as const
/** Typographic signs and their plain ASCII replacements. */
const STRAIGHT: Readonly<Record<string, string>> = {
  '‘': "'", '’': "'", '‚': "'", '‛': "'", '′': "'", '“': '"', '”': '"', '„': '"', '‟': '"', '″': '"', '«': '"', '»': '"',
  '‐': '-', '‑': '-', '‒': '-', '–': '-', '—': '-', '―': '-', '…': '...',
} // prettier-ignore
const TYPOGRAPHIC = new RegExp(`[${Object.keys(STRAIGHT).join('')}]`, 'g')

/** Text in one Unicode form, and with plain quotes and dashes if these are wanted. */
export function normalised(text: string, form: (typeof UNICODE_FORMS)[number], straightQuotes: boolean): string | null {
  // below U+0300 every text is in NFC; what NFKC changes begins at U+00A0
  const may = traitsOf(text) & (form === 'NFC' ? TRAIT.aboveLatin : TRAIT.aboveAscii)
  let plain = may === 0 ? text : text.normalize(form)
  if (straightQuotes) plain = plain.replace(TYPOGRAPHIC, (c) => STRAIGHT[c] ?? c)
  return plain === text ? null : plain
}

/** Text with single spaces and without white space at its ends; line breaks stay, at most two in a row, or become spaces. */
export function evenlySpaced(text: string, lines: 'keep' | 'join'): string | null {
  const joined = lines === 'join' ? TRAIT.lineBreak : 0
  if ((traitsOf(text) & (TRAIT.oddSpace | TRAIT.unevenSpace | joined)) === 0) return null
  const even =
    lines === 'join'
      ? text.replace(/\s+/g, ' ')
      : text
          .replace(/\r\n?|[\u2028\u2029\v\f\u0085]/g, '\n')
          .replace(/[^\S\n]+/g, ' ')
          .replace(/ ?\n ?/g, '\n')
          .replace(/\n{3,}/g, '\n\n')
  const trimmed = even.trim()
  return trimmed === text ? null : trimmed
}
