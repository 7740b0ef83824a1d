/** Which character separates the cells of a CSV file. */
import { DELIMITERS } from '../../../contract/importing.ts'
import { scanRecord } from './scan.ts'

/** The delimiter that cuts the header line into most columns. Header names, unlike plots, hardly ever contain one. */
export function sniffDelimiter(text: string): string {
  const from = /^[\r\n]*/.exec(text)![0].length
  const line = text.slice(from, from + 64 * 1024)
  const counts = DELIMITERS.map((delimiter) => scanRecord(line, delimiter).spans.length)
  return DELIMITERS[counts.indexOf(Math.max(...counts))]!
}
