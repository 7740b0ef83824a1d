/** Cells that a spreadsheet would run as formulas. */

const FORMULA = /^[=+\-@\t\r]/
/** A sign in front of a number makes no formula: -3.5, +1.000,50, -1e-7, -12 %. */
const NUMBER = /^[+-](?:\d[\d.,\u00a0 ]*|[.,]\d+)(?:[eE][+-]?\d+)?\s?%?$/

/** Whether a spreadsheet would take the text of a cell for a formula. */
export function isFormula(text: string): boolean {
  return FORMULA.test(text) && !NUMBER.test(text)
}

/** The text with an apostrophe in front where it would be a formula: spreadsheets then show it and do not run it. */
export function neutralise(text: string): string {
  return isFormula(text) ? "'" + text : text
}
