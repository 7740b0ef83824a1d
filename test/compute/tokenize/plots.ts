import { parse } from 'csv-parse/sync'
import { readFileSync } from 'node:fs'

/** Plots of a catalogue of ../shared, in its order. */
export function plotsOf(path: string): string[] {
  const rows = parse<Record<string, string>>(readFileSync(path), { columns: true, relax_quotes: true, relax_column_count: true })
  return rows.map((row) => row['Overview'] ?? '').filter((plot) => plot !== '')
}
