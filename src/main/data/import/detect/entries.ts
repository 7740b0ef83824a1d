/** Chooses which tables of an archive or a workbook are imported: it may contain a sheet of notes beside its movies. */
import { UserError } from '../../../../contract/errors.ts'
import type { ImportReason } from '../../../../contract/importing.ts'
import { required } from '../../../../contract/required.ts'
import { detectFormat } from '../records/formats.ts'
import { headerKeyOf } from './choices.ts'
import type { Sample } from './sample.ts'
import { guessPlot } from './plots.ts'
import { rowsToGuessFrom } from './rows.ts'
import { guessGenres } from './sniff.ts'

export interface Chosen {
  readonly samples: readonly Sample[]
  /** The parts that were left out. */
  readonly reasons: readonly ImportReason<'left-out' | 'hidden'>[]
}

/**
 * The tables that the user names; where none is named, the sheets that are not hidden: all of them if they belong together, else those with
 * the columns of the first one that looks like a catalogue. Files outside archives are never left out.
 */
export function chooseEntries(samples: readonly Sample[], entries: readonly string[]): Chosen {
  if (entries.length > 0) return { samples: named(samples, entries), reasons: [] }
  const hidden = samples.filter((sample) => sample.hidden)
  if (hidden.length === samples.length) return related(samples)
  const chosen = related(samples.filter((sample) => !sample.hidden))
  const reasons = hidden.map(({ name, entry }) => ({ code: 'hidden', file: name, entry: required(entry, 'the entry') }) as const)
  return { samples: chosen.samples, reasons: [...reasons, ...chosen.reasons] }
}

function related(samples: readonly Sample[]): Chosen {
  const packed = samples.filter(({ entry }) => entry !== null)
  if (packed.length < 2 || detectFormat(samples.map(({ columns }) => columns)).id !== 'table') return { samples, reasons: [] }
  const main = packed.find(looksLikeCatalogue) ?? required(packed[0], 'the first of packed')
  const header = headerKeyOf([main.columns])
  const strangers = packed.filter((sample) => headerKeyOf([sample.columns]) !== header)
  return {
    samples: samples.filter((sample) => !strangers.includes(sample)),
    reasons: strangers.map(({ name, entry }) => ({ code: 'left-out', file: name, entry: required(entry, 'the entry'), unlike: main.name })),
  }
}

function named(samples: readonly Sample[], entries: readonly string[]): Sample[] {
  const there = samples.map(({ entry }) => entry).filter((entry) => entry !== null)
  const missing = entries.find((entry) => !there.includes(entry))
  if (missing !== undefined)
    throw new UserError('no-entry', `There is no "${missing}" in the files. There are: ${there.slice(0, 50).join(', ') || 'none'}.`)
  return samples.filter(({ entry }) => entry === null || entries.includes(entry))
}

function looksLikeCatalogue(sample: Sample): boolean {
  const { columns } = sample
  const rows = rowsToGuessFrom(sample)
  const plot = guessPlot(columns, rows)
  return plot !== null && guessGenres(columns, rows, plot) !== null
}
