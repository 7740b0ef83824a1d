/** Repairs that a file may need: how many records they would change in its beginning, with examples. */
import type { RepairId, RepairOffer } from '../../../../contract/importing.ts'
import { repairMojibake } from '../../clean/mojibake.ts'
import type { RawRecord } from '../files/finish.ts'
import type { TableFile } from '../files/table.ts'
import { dataBatches } from '../files/tables.ts'

/** Characters of a file that are examined. */
const MAX_EXAMINED_CHARACTERS = 32 * 1024 * 1024
const MAX_EXAMPLES = 5
const MAX_EXAMPLE_CHARACTERS = 300
const MIN_LOST_CELLS = 3

const WHY: Readonly<Record<RepairId, string>> = {
  mojibake: 'UTF-8 was read as Windows-1252 before it came into this file, such as "Ã©" for "é"',
  torn: 'records were torn apart by line breaks, and their lines can be joined without doubt',
  'broken-quotes': 'a conversion tore records apart where they held a separator or a line break, or lost their end',
}

/** Examines the beginning of a table as if the repairs were switched on. */
export async function findRepairs(file: TableFile): Promise<readonly RepairOffer[]> {
  const offers = { mojibake: offerOf('mojibake'), torn: offerOf('torn'), 'broken-quotes': offerOf('broken-quotes') }
  let characters = 0
  let joined = 0
  for await (const { records } of dataBatches({ ...file, repairs: { mojibake: true, torn: true, 'broken-quotes': true } })) {
    for (const record of records) {
      characters += record.raw.length
      if (record.repairedBy) count(offers[record.repairedBy], record, joinedExample(record))
      if (record.repairedBy === 'broken-quotes' && record.broken === null) joined++
      const repaired = repairMojibake(record.raw)
      if (repaired !== null) count(offers.mojibake, record, difference(record.raw, repaired))
    }
    if (characters > MAX_EXAMINED_CHARACTERS) break
  }
  // a few records without their last cells do not prove a conversion
  const isConversion = joined > 0 || offers['broken-quotes'].count >= MIN_LOST_CELLS
  return Object.values(offers).filter(({ repair, count }) => count > 0 && (repair !== 'broken-quotes' || isConversion))
}

interface Example {
  readonly before: string
  readonly after: string
}

interface CountedOffer extends RepairOffer {
  count: number
  readonly examples: RepairOffer['examples'][number][]
}

function offerOf(repair: RepairId): CountedOffer {
  return { repair, count: 0, examples: [], why: WHY[repair] }
}

function count(offer: CountedOffer, { line }: RawRecord, { before, after }: Example): void {
  offer.count++
  if (offer.examples.length < MAX_EXAMPLES)
    offer.examples.push({ line, before: before.slice(0, MAX_EXAMPLE_CHARACTERS), after: after.slice(0, MAX_EXAMPLE_CHARACTERS) })
}

function joinedExample({ raw, fields, broken }: RawRecord): Example {
  return { before: raw, after: broken === null ? fields.join(' | ') : '' }
}

/** The first place where the texts differ, with some text around it. */
function difference(before: string, after: string): Example {
  let from = 0
  while (before[from] === after[from]) from++
  const start = Math.max(0, from - 40)
  return { before: before.slice(start, from + 60), after: after.slice(start, from + 60) }
}
