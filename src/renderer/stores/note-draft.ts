/** The note that is being typed, kept in this tab until the engine has saved it: the engine may die, and the page may be reloaded. */

export interface Draft {
  /** The project's path. */
  readonly project: string | undefined
  readonly movie: number
  readonly text: string
}
const KEY = 'reelabel-note'

/** Null as well if something else is stored under its name. */
function draft(): Draft | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Partial<Draft> | null
    return typeof kept?.text === 'string' ? (kept as Draft) : null
  } catch {
    return null
  }
}

export const keepDraft = (kept: Draft): void => sessionStorage.setItem(KEY, JSON.stringify(kept))
export function draftOf(project: string | undefined, movie: number): string | null {
  const kept = draft()
  return kept?.project === project && kept?.movie === movie ? kept.text : null
}
/** This text is saved. */
export function dropDraft(movie: number, text: string): void {
  const kept = draft()
  if (kept?.movie === movie && kept.text === text) sessionStorage.removeItem(KEY)
}
