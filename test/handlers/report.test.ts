import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { UserError } from '../../src/contract/errors.ts'
import { answers, Bench, codeOf, finished } from '../support/project.ts'

const HOSTILE = '<script src=//evil.example/x.js>alert(1)</script><img src=x onerror=alert(2)>'
const CSV = [
  'id,title,plot,genres',
  ...Array.from({ length: 40 }, (_, i) => {
    const genre = i % 2 === 0 ? '<War "" onload=alert(3)' : 'Drama'
    return `m${i},"${HOSTILE}${i}","The plot of movie ${i} is told here at some length.","${genre}"`
  }),
  '',
].join('\n')
/** Every element of the page that may be there, with its attributes. None of them loads anything. */
const ELEMENTS: Readonly<Record<string, readonly string[]>> = {
  '!doctype': ['html'],
  html: ['lang'],
  meta: ['charset', 'http-equiv', 'content', 'name'],
  th: ['scope'],
  td: ['dir', 'class'],
  h1: ['dir'],
  p: ['class'],
  svg: ['viewBox', 'preserveAspectRatio', 'aria-hidden'],
  rect: ['width', 'height'],
  line: ['x1', 'x2', 'y1', 'y2'],
  ...Object.fromEntries(['title', 'style', 'section', 'h2', 'table', 'thead', 'tbody', 'tr', 'span', 'b'].map((name) => [name, []])),
}
function strangers(page: string): string[] {
  const tags = [...page.matchAll(/<(\/?)([!\w]+)([^>]*)>/g)]
  expect(tags.length).toBeGreaterThan(50)
  return tags.flatMap(([tag, , name = '', rest = '']) => {
    const allowed = ELEMENTS[name]
    const attributes = [...rest.replace(/="[^"]*"/g, '=').matchAll(/[^\s=/]+/g)].map(([attribute]) => attribute)
    return allowed && attributes.every((attribute) => allowed.includes(attribute)) ? [] : [tag]
  })
}
async function written(b: Bench, name = 'report.html'): Promise<string> {
  const path = join(b.folder, name)
  await finished(b.engine, () => b.call('export.run', { what: 'report', path }))
  return readFileSync(path, 'utf8').replace(/\s+>/g, '>')
}

test('a report holds no element that loads or runs anything, whatever titles and genres say', async () => {
  const b = await Bench.open(CSV)
  b.compute.script = answers((_, row, column) => ((row * 31 + column * 17) % 23) / 23)
  await b.train()
  const [movie, genre] = [await b.movie('m3'), (await b.call('project.info', {})).genres.find(({ name }) => name.includes('War'))!.id]
  await b.call('labels.apply', { changes: [{ field: 'label', movie, genre, to: true }] })
  await b.call('review.setSlices', { slices: [{ name: HOSTILE, where: 'genre:Drama' }] })
  const page = await written(b)
  expect(strangers(page)).toEqual([])
  expect(page).not.toMatch(/url\(|@import/i)
  // escaped, it is there: as a title among the corrections, a genre, a slice
  expect(page).toContain('&lt;script src=//evil.example/x.js&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(2)&gt;3</td>')
  expect(page).toContain('<td dir="auto">&lt;War &quot; onload=alert(3)</td>')
  expect(page).toContain('&gt; (saved): genre:Drama')
  expect(page).toContain('default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;')
  for (const title of [
    'The model',
    'Genres',
    'Where the model does worse',
    'Wrong labels',
    'Suspects found and corrected',
    'Audit',
    'Retrains',
    'Data card',
  ])
    expect(page).toContain(`<h2>${title}</h2>`)
})

test('its figures are those of the engine', async () => {
  const b = await Bench.open(CSV)
  b.compute.script = answers((_, row, column) => ((row * 31 + column * 17) % 23) / 23)
  await b.train()
  await b.train({ retrain: true })
  const page = await written(b)
  const [run] = (await b.call('runs.list', {})).filter(({ current }) => current)
  const { micro, intervals } = await b.call('metrics.get', { part: run!.summary!.part, resamples: 1000 })
  const { low, high } = intervals!.microF1
  expect(page).toContain(`<span>${micro.f1.toFixed(3)}</span>`)
  expect(page).toContain(`${low.toFixed(3)} to ${high.toFixed(3)}`)
  expect(page).toContain('run 2 after run 1')
  expect(page).toContain('tiny.csv')
})

test('a project without a model has a report, too; a project or a folder is no place for it', async () => {
  const b = await Bench.open(CSV)
  expect(await written(b)).toContain('No model has been trained.')
  const to = (path: string) => codeOf(() => b.call('export.run', { what: 'report', path }))
  expect(await to(b.path)).toBe('is-a-project')
  mkdirSync(join(b.folder, 'taken'))
  const end = await finished(b.engine, () => b.call('export.run', { what: 'report', path: join(b.folder, 'taken') }))
  expect(end.state).toBe('failed')
})

test('a PDF is the printed page, complete or not at all', async () => {
  const b = await Bench.open(CSV)
  const path = join(b.folder, 'report.pdf')
  b.compute.print = async (html, pdf) => {
    expect(readFileSync(html, 'utf8')).toContain('No model has been trained.')
    writeFileSync(pdf, '%PDF-1.4 printed')
    return Promise.resolve()
  }
  const end = await finished(b.engine, () => b.call('export.run', { what: 'report-pdf', path }))
  expect([end.state, readFileSync(path, 'utf8')]).toEqual(['done', '%PDF-1.4 printed'])
  b.compute.print = () => Promise.reject(new UserError('no-browser', 'There is none.'))
  const failed = await finished(b.engine, () => b.call('export.run', { what: 'report-pdf', path: join(b.folder, 'other.pdf') }))
  expect(failed).toMatchObject({ state: 'failed', message: expect.stringContaining('There is none.') as string })
  expect(readdirSync(b.folder).filter((name) => name.startsWith('other'))).toEqual([])
})
