/**
 * A plugin of Vite: the documents that the window shows on its Help screen, as the module `virtual:help`. Markdown becomes HTML while the
 * window is built, so that the window has no parser of Markdown, and no text of a catalogue is ever made into elements.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Marked, type Token } from 'marked'
import type { Plugin } from 'vite'
import type { HelpPage, HelpSection } from './src/renderer/views/help/pages.ts'

const DOCS = join(import.meta.dirname, 'docs')

/** The documents in the order of the table of contents, by group. The name of a file is the name of its page. */
export const HELP_GROUPS = {
  start: ['getting-started', 'concepts'],
  data: ['importing', 'cleaning', 'updating'],
  review: ['review', 'filters', 'queues', 'audit', 'people', 'safety'],
  understand: ['numbers', 'label-quality', 'thresholds', 'errors', 'slices', 'map'],
  model: ['models', 'recipes', 'services'],
  reference: ['export', 'report', 'history', 'settings', 'scaling', 'command-line', 'glossary'],
} as const
export const HELP_PAGES: readonly string[] = Object.values(HELP_GROUPS).flat()

/** Anchors as GitHub makes them of headings, so that links inside the documents lead to the same places. */
const slug = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

const ENTITIES: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&amp;': '&' }
/** The text of HTML that was made here. */
const textOf = (html: string): string =>
  html
    .replaceAll(/<\/?(?:a|code|em|strong|del)\b[^>]*>/g, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/&(?:lt|gt|quot|amp|#39);/g, (entity) => ENTITIES[entity] ?? entity)
    .replaceAll(/\s+/g, ' ')
    .trim()

/** Where a link of a document leads inside the window; null if it leads out of it. */
function targetOf(href: string, page: string): string | null {
  const [file = '', anchor] = href.split('#')
  const name = file === '' ? page : file.replace(/\.md$/, '')
  if (!HELP_PAGES.includes(name)) return null
  return `#help/${name}${anchor === undefined ? '' : `/${anchor}`}`
}

/** Turns one document into HTML. @throws Error for raw HTML in the document, which would be shown unchecked */
export function helpPage(name: string, markdown: string): HelpPage {
  const marked = new Marked({
    renderer: {
      heading({ depth, tokens }) {
        const inside = this.parser.parseInline(tokens)
        return `<h${depth} id="help-${slug(textOf(inside))}" tabindex="-1">${inside}</h${depth}>\n`
      },
      link({ href, tokens }) {
        const inside = this.parser.parseInline(tokens)
        const target = targetOf(href, name)
        if (target !== null) return `<a href="${target}">${inside}</a>`
        // the window has no links to the web
        return /^https?:/.test(href) && textOf(inside) !== href ? `${inside} (${href.replaceAll('&', '&amp;')})` : inside
      },
      image: () => '',
      html({ text }) {
        if (text.trimStart().startsWith('<!--')) return ''
        throw new Error(`docs/${name}.md holds HTML, which a help page must not: ${text.slice(0, 80)}`)
      },
    },
  })
  const tokens = marked.lexer(markdown)
  const html = marked.parser(tokens).replaceAll(/<p>\s*<\/p>\n?/g, '')
  const sections: HelpSection[] = []
  let of: Token[] = []
  for (const token of tokens) {
    if (token.type === 'heading') {
      const title = textOf(marked.parser([token]))
      of = []
      sections.push({ anchor: slug(title), title, level: Number(token['depth']), text: '' })
    } else of.push(token)
    const last = sections.at(-1)
    if (last && of.length > 0) sections[sections.length - 1] = { ...last, text: textOf(marked.parser(of)) }
  }
  return { name, title: sections[0]?.title ?? name, html, sections }
}

const MODULE = 'virtual:help'
/** @returns the plugin, for the configuration of Vite */
export function helpPages(): Plugin {
  return {
    name: 'help-pages',
    resolveId: (id) => (id === MODULE ? `\0${MODULE}` : undefined),
    load(id) {
      if (id !== `\0${MODULE}`) return undefined
      const pages = HELP_PAGES.map((name) => {
        const file = join(DOCS, `${name}.md`)
        this.addWatchFile(file)
        return helpPage(name, readFileSync(file, 'utf8'))
      })
      return `export const GROUPS = ${JSON.stringify(HELP_GROUPS)}\nexport const PAGES = ${JSON.stringify(pages)}\n`
    },
  }
}
