/** The window's texts are in one catalogue, so that a translation is one file. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { literalsOf } from './literals.ts'

const RENDERER = join(import.meta.dirname, '../../src/renderer')
test('no component shows a text of its own', () => {
  const files = globSync('**/*.svelte', { cwd: RENDERER }).map((file) => file.replaceAll('\\', '/'))
  expect(files.length).toBeGreaterThan(80)
  const found = files.flatMap((file) =>
    literalsOf(readFileSync(join(RENDERER, file), 'utf8')).map(({ line, text }) => `${file}:${line} ${text}`),
  )
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
})
