/** Cells that a spreadsheet would run as formulas. */

const FORMULA = /^[=+\-@\t\r]/
/** A number with a sign is no formula: -3.5, +1.000,50, -1e-7, -12 %. */
const NUMBER = /^[+-](?:\d[\d.,\u00a0 ]*|[.,]\d+)(?:[eE][+-]?\d+)?\s?%?$/

/** Returns true if a spreadsheet would treat the text of a cell as a formula. */
export function isFormula(text: string): boolean {
  return FORMULA.test(text) && !NUMBER.test(text)
}

/** Puts an apostrophe in front of a formula, so that spreadsheets show it and do not run it. */
export function neutralise(text: string): string {
  return isFormula(text) ? "'" + text : text
}
