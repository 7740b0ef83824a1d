/** The window's texts. A translation is a file `de.ts` with `export const de: Messages`, chosen here. */
import { en } from './en.ts'

export type Messages = typeof en
/** The active messages. */
export const m: Messages = en
