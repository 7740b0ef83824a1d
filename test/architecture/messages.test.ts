/** The window's texts are in one catalogue, so that a translation is one file. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { literalsOf, sentencesOf } from './literals.ts'

const RENDERER = join(import.meta.dirname, '../../src/renderer')
const sources = (pattern: string): readonly { readonly file: string; readonly text: string }[] =>
  globSync(pattern, { cwd: RENDERER }).map((file) => ({
    file: file.replaceAll('\\', '/'),
    text: readFileSync(join(RENDERER, file), 'utf8'),
  }))

test('no component contains text of its own', () => {
  const components = sources('**/*.svelte')
  expect(components.length).toBeGreaterThan(70)
  expect(components.flatMap(({ file, text }) => literalsOf(text).map((l) => `${file}:${l.line} ${l.text}`))).toEqual([])
})
test('no sentence is written in code outside the catalogue', () => {
  const modules = sources('**/*.{ts,svelte}').filter(({ file }) => !file.startsWith('messages/'))
  const found = modules.flatMap(({ file, text }) => sentencesOf(text, file.endsWith('.svelte')).map((l) => `${file}:${l.line} ${l.text}`))
  expect(found).toEqual([])
})

describe('the reader of components', () => {
  test.each([
    ['text', '<p>Hello</p>', ['Hello']],
    ['an attribute', '<button aria-label="Close" class="quiet"></button>', ['Close']],
    ['a property', '<Dialog title="Keys" kind="info" />', ['Keys']],
    ['a choice', "<p>{x === 'running' ? 'Stop' : `Start ${n}`}</p>", ['Stop', 'Start']],
    ['a part of an attribute', '<p title="{n} movies"></p>', ['movies']],
    ['no keys, files and styles', '<kbd>Ctrl</kbd><code>config.json</code><p style:height="{a}px"></p>', []],
    ['blocks and snippets', '{#if a}{#each b as c}One{:else}Two{/each}{/if}{#snippet s()}Three{/snippet}', ['One', 'Two', 'Three']],
    [
      'no messages, code or styles',
      "<script>const a = 'b'</script><p class='c' title={m.a}>{m.a(f('d'))} 1 –</p><style>p { top: 0 }</style>",
      [],
    ],
  ])('sees %s', (_what, source, expected) => expect(literalsOf(source).map(({ text }) => text)).toEqual(expected))
  test.each([
    ['a sentence', "const a = 'Give it a name.'", ['Give it a name.']],
    ['a template', 'const a = `Run it again ${n}`', ['Run it again ']],
    ['no names or imports', "import a from 'A thing'\nconst b = ['keydown', 'ArrowUp', 'A', 'panel wide']", []],
  ])('in code: %s', (_what, source, expected) => expect(sentencesOf(source, false).map(({ text }) => text)).toEqual(expected))
})
