/** Nothing is sent before its user has seen what goes to whom. */
import { UserError } from '../../contract/errors.ts'
import { quoted } from '../../contract/words.ts'

const WHAT = {
  search: (subject: string) => `the words ${quoted(subject)}`,
  describe: (subject: string) => `the name ${quoted(subject)}`,
  download: (subject: string) =>
    `the name ${quoted(subject)}, and the request for its files, which may come from other machines of theirs,`,
} as const
export type HubAction = keyof typeof WHAT

/** What is sent to whom by an action, in one sentence. No plot, label or title is ever part of it. */
export function whatIsSent(action: HubAction, subject: string, hub: string, hasToken: boolean): string {
  const token = hasToken ? ', with your access token (HF_TOKEN)' : ''
  return `${new URL(hub).host} gets ${WHAT[action](subject)} and this machine's network address${token}; nothing of your project is sent.`
}

/** @throws UserError `consent` unless it was given */
export function assertConsent(consent: boolean, action: HubAction, subject: string, hub: string, hasToken: boolean): void {
  if (consent) return
  const sends = whatIsSent(action, subject, hub, hasToken)
  throw new UserError('consent', `Nothing was sent. If you agree: ${sends}`, { action, subject, host: new URL(hub).host, sends })
}
