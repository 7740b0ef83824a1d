/** The one shape of error that crosses a process boundary. */
export interface ErrorReply {
  /** Stable, kebab-case, for programs. */
  readonly code: string
  /** One line for people: what is wrong, where, and what to do. */
  readonly message: string
  readonly details?: unknown
}

/** An error that a user is meant to read. Anything else that is thrown is a defect and is reported as `internal`. */
export class UserError extends Error {
  readonly code: string
  readonly details: unknown
  constructor(code: string, message: string, details?: unknown) {
    super(message)
    this.name = 'UserError'
    this.code = code
    this.details = details
  }
}

/** Any thrown value as an {@link ErrorReply}. */
export function toReply(error: unknown): ErrorReply {
  if (error instanceof UserError)
    return { code: error.code, message: error.message, ...(error.details === undefined ? {} : { details: error.details }) }
  return { code: 'internal', message: messageOf(error) }
}

/** The message of any thrown value. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/**
 * Where a value differs from its schema, and how: `config.folds: expected number`. `whole` names the value itself; of many problems the
 * first `most` are listed.
 */
export function schemaProblems(
  { issues }: { readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[] },
  whole: string,
  most = 1,
): string {
  const shown = issues.slice(0, most).map(({ path, message }) => `${path.map(String).join('.') || whole}: ${message}`.slice(0, 300))
  return [...shown, ...(most > 1 && issues.length > most ? [`and ${issues.length - most} more`] : [])].join('; ')
}

/** The error that a reply carries: a {@link UserError}, or a plain Error for a defect. */
export function fromReply({ code, message, details }: ErrorReply): Error {
  return code === 'internal' ? new Error(message) : new UserError(code, message, details)
}
