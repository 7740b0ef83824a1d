import fc from 'fast-check'
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { fold } from '../../src/main/store/search/matcher.ts'
import { root } from '../support/paths.ts'

test('an idle search thread does not keep a program from ending', () => {
  const code = `import { startSearchThread } from '${root}/src/main/store/search/search.ts'; startSearchThread()`
  const { status, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { timeout: 20_000 })
  expect([status, signal]).toEqual([0, null])
})

test('text is folded as a whole decomposition would fold it', () => {
  const whole = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
  for (const text of ['Café DÉJÀ vu', 'e\u0301a\u0308', 'ΣΊΣΥΦΟΣ', 'İstanbul', 'ﬁlm K', '한국 ガ', 'a\ud800b'])
    expect([text, fold(text)]).toEqual([text, whole(text)])
  const unit = fc.oneof(
    fc.constantFrom('a', 'É', 'é', '\u0301', '\u0327', 'Σ', 'ガ', ' ', 'Z'),
    fc.string({ unit: 'binary', maxLength: 1 }),
  )
  fc.assert(fc.property(fc.string({ unit, maxLength: 30 }), (text) => fold(text) === whole(text)))
})
