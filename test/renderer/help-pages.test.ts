/** Documents as help pages: anchors, links, and what is left out. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { HELP_PAGES, helpPage } from '../../help-pages.ts'
import { searchHelp, wordsIn } from '../../src/renderer/views/help/pages.ts'
import { root } from '../support/paths.ts'

const pages = HELP_PAGES.map((name) => helpPage(name, readFileSync(join(root, 'docs', `${name}.md`), 'utf8')))

test('every link inside the help leads to a page and a heading that exist', () => {
  const places = new Set(pages.flatMap(({ name, sections }) => [name, ...sections.map(({ anchor }) => `${name}/${anchor}`)]))
  const links = pages.flatMap(({ html }) => [...html.matchAll(/href="([^"]*)"/g)].map(([, href = '']) => href))
  expect(links.length).toBeGreaterThan(60)
  expect(links.filter((href) => !href.startsWith('#help/') || !places.has(href.slice('#help/'.length)))).toEqual([])
})
test('the pages need nothing but themselves: no picture, script, style or address of the web', () => {
  for (const { html } of pages) expect(html).not.toMatch(/<(?:img|script|style|iframe|svg)|\bstyle=|\bon\w+=|href="(?!#help\/)/)
})
test('every heading has an address of its own on its page', () => {
  for (const { html } of pages) {
    const ids = [...html.matchAll(/id="([^"]+)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
  }
})
test('the places that the window links to exist', () => {
  const views = join(root, 'src/renderer/views')
  const files = [
    'overview/Headline',
    'overview/WrongLabelsCard',
    'thresholds/CalibrationCard',
    'thresholds/StrategyCard',
    'clean/CleanView',
  ]
  for (const file of files) {
    const [, page, anchor] = /place="([^"/]+)\/([^"]+)"/.exec(readFileSync(join(views, `${file}.svelte`), 'utf8')) ?? []
    expect(pages.find(({ name }) => name === page)?.sections.map((s) => s.anchor)).toContain(anchor)
  }
})

describe('a document', () => {
  const { html, sections } = helpPage(
    'numbers',
    [
      '# A & B\n\nText with [a place](#c-d), [another page](glossary.md#program), [one that is left out](security.md) and',
      '[the web](https://example.org/?a&b).\n\n<!-- a comment -->\n![A picture](images/x.png)\n\n## C: `d`\n\n| a |\n| - |\n| `<b>` |',
    ].join('\n'),
  )
  test('has headings with anchors', () =>
    expect(sections.map(({ anchor, level }) => [anchor, level])).toEqual([
      ['a--b', 1],
      ['c-d', 2],
    ]))
  test('links to other pages, and keeps the text of other links', () => {
    expect(html).toContain(
      '<a href="#help/numbers/c-d">a place</a>, <a href="#help/glossary/program">another page</a>, one that is left out',
    )
    expect(html).toContain('the web (https://example.org/?a&amp;b)')
  })
  test('loses pictures and comments', () => expect(html).not.toMatch(/picture|comment|<p><\/p>/))
  test('is searched as text', () => expect(sections[0]?.text).toContain('Text with a place, another page'))
  test('may not hold HTML', () => expect(() => helpPage('numbers', '# A\n\n<script>alert(1)</script>')).toThrow(/holds HTML/))
})

describe('the search', () => {
  test('wants every word, and puts titles first', () => {
    const hits = searchHelp(pages, 'suspects answers')
    expect(hits.length).toBeGreaterThan(0)
    for (const { section } of hits) expect(`${section.title} ${section.text}`.toLowerCase()).toMatch(/answers/)
    expect(searchHelp(pages, 'SUSPECTS')[0]?.section.title).toBe('Suspects')
    expect([searchHelp(pages, ' '), searchHelp(pages, 'suspects qqqq')]).toEqual([[], []])
  })
  test('shows the text around a word, cut between words', () => {
    const [hit] = searchHelp(pages, 'stratification')
    expect(hit?.excerpt).toMatch(/stratification/)
    expect(hit!.excerpt.length).toBeLessThan(190)
    expect(wordsIn('a (b) c', '(B)').map(({ text, hit: is }) => [text, is])).toEqual([
      ['a ', false],
      ['(b)', true],
      [' c', false],
    ])
  })
})
