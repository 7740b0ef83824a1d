import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../support/paths.ts'

/** Ways in which text of a catalogue could become elements or code of the page. */
const MAKES_ELEMENTS = /\{@html|\b(?:inner|outer)HTML\b|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc|DOMParser/

test('no component makes elements or code of text', () => {
  const folder = join(root, 'src/renderer')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(?:svelte|ts|html)$/.test(name))
  expect(files.length).toBeGreaterThan(50)
  const makers = files.filter((name) => MAKES_ELEMENTS.test(readFileSync(join(folder, name), 'utf8')))
  // the help pages, which were HTML before the window existed: from docs/, by help-pages.ts
  expect(makers.map((name) => name.replaceAll('\\', '/'))).toEqual(['views/help/HelpText.svelte'])
  const help = readFileSync(join(folder, 'views/help/HelpText.svelte'), 'utf8')
  expect(help.match(/\{@html [^}]*\}/g)).toEqual(['{@html page.html}'])
})
