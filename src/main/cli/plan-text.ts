/** Text of an import plan: what was detected and why, what the import would do, and what prevents it. */
import type { ImportPlan } from '../../contract/importing.ts'
import { table, wrap } from './print.ts'

const GENRES = 30
const MOVIES = 5
const ENTRIES = 10
const PLOT = 120

export function planText(plan: ImportPlan): string {
  return [
    plan.formatName,
    ...plan.reasons.map((reason) => wrap(`- ${reason}`, 110, '  ')),
    ...section(
      'Not ready to import',
      plan.problems.map((problem) => wrap(problem, 110, '  ')),
    ),
    ...section(
      'Repairs',
      plan.offers.map((offer) => offerText(plan, offer)),
    ),
    ...section('Import log of the first records', firstEntries(plan)),
    ...section('Genres of the first records', genres(plan)),
    ...section('First movies', plan.preview.slice(0, MOVIES).map(movieText)),
  ].join('\n')
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines]
}

function offerText(plan: ImportPlan, { file, repair, count, why, examples }: ImportPlan['offers'][number]): string {
  const on = plan.files.find(({ name }) => name === file)?.repairs[repair] === true
  const shown = examples.slice(0, 2).map(({ line, before, after }) => `\n    line ${line}: ${cut(before)}\n        -> ${cut(after)}`)
  return `  ${file}: ${repair} ${on ? 'on' : 'off'}, found ${count === 1 ? 'once' : `${count} times`}: ${why}${shown.join('')}`
}

function firstEntries({ log }: ImportPlan): string[] {
  const shown = log.slice(0, ENTRIES).map(({ file, line, what, why }) => `  ${file}, line ${line}: ${what}: ${why}`)
  return log.length > ENTRIES ? [...shown, `  and ${log.length - ENTRIES} more`] : shown
}

function genres({ genrePreview }: ImportPlan): string[] {
  if (genrePreview.length === 0) return []
  const rows = genrePreview.slice(0, GENRES).map(({ name, count, becomes, unusual }) => {
    const renamed = becomes.length === 1 && becomes[0] === name ? '' : `-> ${becomes.join(' + ') || 'dropped'}`
    return [cut(name), String(count), renamed, unusual ?? '']
  })
  const more = genrePreview.length > GENRES ? [`and ${genrePreview.length - GENRES} more`] : []
  return [table(['genre', 'records', '', ''], rows), ...more].flatMap((text) => text.split('\n')).map((line) => `  ${line}`)
}

function movieText({ key, title, genres, plot }: ImportPlan['preview'][number]): string {
  return `  ${key}  ${title}: ${genres.join(', ')}\n    ${cut(plot)}`
}

function cut(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length <= PLOT ? line : line.slice(0, PLOT) + '…'
}
