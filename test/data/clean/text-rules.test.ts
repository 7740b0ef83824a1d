import { describe, expect, it } from 'vitest'
import { evenlySpaced, normalised, withoutControls, withoutHtml } from '../../../src/main/data/clean/characters.ts'
import { repairMojibake } from '../../../src/main/data/clean/mojibake.ts'
import { countWords, shortened } from '../../../src/main/data/clean/measures.ts'
import { sentencesOf } from '../../../src/main/data/clean/sentences.ts'
import { alone, catalogue, cleanAll, on, stepOf } from './support.ts'

/** Text whose UTF-8 bytes were decoded as Windows-1252 (or as Latin-1, for bytes without a character there). */
function broken(text: string): string {
  const decoder = new TextDecoder('windows-1252')
  return decoder.decode(new TextEncoder().encode(text))
}

describe('mojibake', () => {
  it.each([
    'Pokémon',
    'don’t “stop”',
    'Österreich',
    'Ça va – oui…',
    '日本語',
    '€ 5 ™',
    '🙂',
    'À bientôt',
    'Ærø',
    'Ñandú',
    'Ελλάδα',
    'Привет',
  ])('%s is repaired', (text) => {
    expect(repairMojibake(`It is ${broken(text)} here`)).toBe(`It is ${text} here`)
    expect(repairMojibake(`It is ${broken(broken(text))} here`)).toBe(`It is ${text} here`)
  })
  it.each([
    'Pokémon',
    'CAFÉ…',
    'the “CAFÉ”',
    'fiancé’s',
    'café…”',
    'SÃO PAULO',
    'AMANHÃ” she said',
    'ÀÉÎ',
    'Â.',
    'naïve – but',
    'Ã',
    '日本語',
  ])('%s is unchanged', (text) => {
    expect(repairMojibake(text)).toBeNull()
  })
})

describe('HTML', () => {
  it.each([
    ['Fish &amp; chips', 'Fish & chips'],
    ['&quot;Hi&quot; &#39;you&#x27; &eacute;', '"Hi" \'you\' é'],
    ['&amp;amp;quot;Hi', '"Hi'],
    ['A <b>bold</b> <i class="x">man</i>', 'A bold man'],
    ['One<br>two<br/>three<p>four</p>', 'One\ntwo\nthree\nfour\n'],
    ['See <a href="http://x.org?a=1&amp;b=2">this</a> <!-- not that --> now', 'See this   now'],
    ['&lt;i&gt;Psycho&lt;/i&gt; again', 'Psycho again'],
  ])('%j becomes %j', (html, text) => {
    expect(withoutHtml(html)).toBe(text)
  })
  it.each(['AT&T', 'I <3 you', 'a < b and c > d', 'R&B;', '&copy2020', '<unknown> tape', 'x &nosuchname; y', '<<<'])(
    '%s is unchanged',
    (text) => {
      expect(withoutHtml(text)).toBeNull()
    },
  )
})

describe('characters', () => {
  it.each([
    ['a\u0000b\u001fc\u0081', 'abc'],
    ['zero\u200bwidth\ufeff so\u00adft', 'zerowidth soft'],
    ['lone \ud83d half', 'lone  half'],
    ['end\u200e.', 'end.'],
  ])('removes control characters of %j', (text, plain) => {
    expect(withoutControls(text)).toBe(plain)
  })
  it.each(['a\tb\nc\r\n', 'می\u200cخواهم', '👩\u200d🚀', 'שלום\u200e (2020)', 'é'])('%j has none', (text) => {
    expect(withoutControls(text)).toBeNull()
  })
  it.each([
    ['a  b', 'keep', 'a b'],
    [' a\u00a0b\t', 'keep', 'a b'],
    ['a \r\n b\r\n\r\n\r\nc', 'keep', 'a\nb\n\nc'],
    ['a \r\n b\n\n\nc', 'join', 'a b c'],
    ['a\nb', 'keep', null],
    ['a\nb', 'join', 'a b'],
    ['a b', 'join', null],
  ] as const)('white space of %j (%s lines) becomes %j', (text, lines, even) => {
    expect(evenlySpaced(text, lines)).toBe(even)
  })
  it.each([
    ['Mattei\u0308', 'NFC', false, 'Matteï'],
    ['ﬁancé', 'NFC', false, null],
    ['ﬁancé ＡＢ', 'NFKC', false, 'fiancé AB'],
    ['“It’s” – …', 'NFC', true, '"It\'s" - ...'],
    ['plain', 'NFKC', true, null],
  ] as const)('%j in %s, plain quotes %s: %j', (text, form, quotes, plain) => {
    expect(normalised(text, form, quotes)).toBe(plain)
  })
})

describe('lengths', () => {
  it.each([
    ["Don't stop: it's 2020's best-seller.", 5],
    ['', 0],
    ['… — !', 0],
    ['Ein Mädchen läuft.', 3],
    ['ein Mädchen', 2],
    ['映画を見る', 3],
  ])('%j has %d words', (text, words) => {
    expect(countWords(text)).toBe(words)
  })
  it('cuts between words', () => {
    expect(shortened('one two  three four', 2, 'words')).toBe('one two …')
    expect(shortened('one two  three four', 8, 'characters')).toBe('one two …')
    expect(shortened('abcdefghij', 4, 'characters')).toBe('abcd …')
  })
  it('removes plots that are too short or too long, or cuts them', async () => {
    expect(await alone(on('too-short', { shortest: 3 }), 'one two', 'one two three', '')).toEqual([null, 'one two three', null])
    expect(await alone(on('too-short', { shortest: 5, unit: 'characters' }), 'abcd', 'abcde')).toEqual([null, 'abcde'])
    expect(await alone(on('too-long', { longest: 2 }), 'one two', 'one two three')).toEqual(['one two', null])
    expect(await alone(on('too-long', { longest: 2, action: 'cut' }), 'one two three')).toEqual(['one two …'])
    expect(await alone(on('too-long', { longest: 5, unit: 'characters' }), 'abcde', 'abcdef')).toEqual(['abcde', null])
  })
})

describe('repeated sentences', () => {
  it('finds the sentences of a text', () => {
    const text = 'One. "Two!" Three?\nFour… five 3.5 e.g.x'
    expect(sentencesOf(text).map((s) => text.slice(s.start, s.end))).toEqual(['One. ', '"Two!" ', 'Three?\n', 'Four… ', 'five 3.5 e.g.x'])
    expect(sentencesOf('One. ').map((s) => s.key)).toEqual(['one'])
  })
  const notice = 'Written by our readers, thank you'
  const step = on('boilerplate', { plots: 3, shortest: 10 })

  it('removes sentences of many plots, ignoring case and punctuation', async () => {
    const plots = [`A man walks. ${notice}.`, `${notice.toUpperCase()}! She runs.`, `They fly. "${notice}..." The end.`, 'He swims.']
    expect(await alone(step, ...plots)).toEqual(['A man walks.', 'She runs.', 'They fly. The end.', 'He swims.'])
    expect(await alone(on('boilerplate', { plots: 4, shortest: 10 }), ...plots)).toEqual(plots)
    expect(await alone(on('boilerplate', { plots: 3, shortest: 50 }), ...plots)).toEqual(plots)
  })
  it('a repeated movie does not count for its sentences', async () => {
    const listed = Array.from({ length: 4 }, () => ({
      ...catalogue(['A very long sentence. Another one here.', 'Drama'])[0]!,
      title: 'Same',
    }))
    const movies = listed.map((m, i) => ({ ...m, movie: i + 1 }))
    expect((await cleanAll(movies, [step])).report.steps[0]!.count).toBe(0)
    const others = movies.map((m, i) => ({ ...m, title: `Title ${i}` }))
    expect((await cleanAll(others, [step])).report.steps[0]!.count).toBe(4)
  })
  it('empties a plot of only boilerplate, and the next rule removes the movie', async () => {
    const { fates, report } = await cleanAll(catalogue([notice, 'A'], [notice, 'A'], [`${notice}.`, 'A'], ['A story.', 'A']), [
      step,
      on('missing'),
    ])
    expect(fates.map((f) => f.out)).toEqual(['missing', 'missing', 'missing', null])
    expect(stepOf(report, 'boilerplate').examples[0]).toMatchObject({ before: `${notice} (in 3 plots)`, after: '' })
  })
  it('counts the plots that the previous steps leave', async () => {
    const plots = [`A. ${notice}`, `B. ${notice.replaceAll(' ', '  ')}`, `C. <b>${notice}</b>`]
    const count = async (...steps: Parameters<typeof cleanAll>[1]): Promise<number> =>
      stepOf((await cleanAll(catalogue(...plots.map((p) => [p, 'A'] as const)), steps)).report, 'boilerplate').count
    expect(await count(step, on('html'))).toBe(0)
    expect(await count(on('html'), step)).toBe(3)
  })
})
