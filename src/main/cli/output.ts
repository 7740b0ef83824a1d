/** Documented in docs/command-line.md. */
export const EXIT = { ok: 0, defect: 1, usage: 2, refused: 3, interrupted: 130 } as const

/** C0 and C1 control characters except the line break: a title may contain a terminal's escape sequences. */
const CONTROL = /[\p{Cc}]/gu

/** Text of a catalogue, made safe for a terminal. */
export const printable = (text: string): string => text.replace(CONTROL, (c) => (c === '\n' ? c : '\ufffd'))

/** Prints a verb's result: one JSON value, or text for people. */
export function printResult(o: { readonly json?: boolean }, value: unknown, text: () => string): void {
  console.log(o.json ? JSON.stringify(value) : printable(text()))
}
