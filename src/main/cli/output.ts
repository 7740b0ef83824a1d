/** C0 and C1 control characters but the line break: a title may hold what a terminal takes as commands. */
const CONTROL = /[\p{Cc}]/gu

/** Text of a catalogue as it may reach a terminal. */
export const printable = (text: string): string => text.replace(CONTROL, (c) => (c === '\n' ? c : '\ufffd'))

/** Prints a verb's answer: one JSON value, or text for people. */
export function answer(o: { readonly json?: boolean }, value: unknown, text: () => string): void {
  console.log(o.json ? JSON.stringify(value) : printable(text()))
}
