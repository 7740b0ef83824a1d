import { ENGINE_STOPPED } from '../api.ts'
import { isMethod, type Method } from '../../contract/api.ts'
import { UserError, messageOf } from '../../contract/errors.ts'
import type { View } from './nav.svelte.ts'
import { readingMs, withNotice, without, type Notice, type NoticeAction } from './notices-logic.ts'
import { CallError, isOfProject, OTHER_PROJECT } from './project-api.ts'

/** Error codes without a notice: the window shows them otherwise, or they belong to a closed project. */
const WITHOUT_NOTICE = [ENGINE_STOPPED, OTHER_PROJECT]

/** A saved decision resolves the failure of another one, whether it was made, undone or redone. */
const DECISIONS: readonly string[] = ['labels.apply', 'labels.bulk', 'labels.undo', 'labels.redo'] satisfies Method[]
const topicOf = (topic: string): string => (DECISIONS.includes(topic) ? 'labels.apply' : topic)

/** A question to the analyst, shown in a dialog. */
export interface Question {
  readonly title: string
  readonly text?: string
  /** A text that the answer consists of. */
  /** `long`: several lines, or nothing. */
  readonly field?: { readonly label: string; readonly value: string; readonly long?: boolean }
  /** Label of the button that answers. */
  readonly confirm: string
  /** Label of the other button, if it is not Cancel. */
  readonly refuse?: string
  /** The running job that it is about: with its end the question is withdrawn. */
  readonly job?: number
  readonly act: (answer: string) => unknown
}

/** A notice that was shown, with its time in milliseconds of the epoch. */
export interface Said extends Pick<Notice, 'id' | 'kind' | 'text'> {
  readonly at: number
}
const MAX_SAID = 100

/** Notices for the analyst. Errors stay until they are dismissed, replaced, or resolved by a success. */
export class Notices {
  list = $state.raw<readonly Notice[]>([])
  /** The last notices, newest first, also those that have disappeared. */
  said = $state.raw<readonly Said[]>([])
  unread = $state.raw(0)
  question = $state.raw<Question | null>(null)
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- nothing on screen depends on it
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>()
  #next = 1

  #add(notice: Omit<Notice, 'id'>): Notice {
    const added = { id: this.#next++, ...notice }
    this.list = withNotice(this.list, added)
    this.said = [{ id: added.id, kind: added.kind, text: added.text, at: Date.now() }, ...this.said].slice(0, MAX_SAID)
    this.unread++
    return added
  }
  /** @param screen the screen that says it itself */
  info(text: string, action?: NoticeAction, screen: View | null = null): void {
    const notice = this.#add({ kind: 'info', text, topic: null, screen, action })
    this.#count(notice)
  }
  /** @param screen the screen that shows the news itself */
  news(topic: string, text: string, action?: NoticeAction, screen: View | null = null): void {
    this.#add({ kind: 'news', text, topic, screen, action })
  }
  error(error: unknown): void {
    if (error instanceof UserError && WITHOUT_NOTICE.includes(error.code)) return
    const text = messageOf(error)
    this.#add({ kind: 'error', text, topic: error instanceof CallError ? topicOf(error.method) : null, screen: null })
  }
  /** An error that `screen` shows itself. */
  errorAbout(topic: string, text: string, screen: View | null): void {
    this.#add({ kind: 'error', text, topic, screen })
  }
  /** The cause of this topic's notice is resolved. */
  settled(topic: string): void {
    this.list = without(this.list, topicOf(topic))
  }
  /** Another project is open: removes notices of the previous one. */
  reset(): void {
    this.question = null
    this.list = this.list.filter((n) => n.kind !== 'info' && !(n.topic !== null && isMethod(n.topic) && isOfProject(n.topic)))
  }
  dismiss(id: number): void {
    this.list = this.list.filter((n) => n.id !== id)
    clearTimeout(this.#timers.get(id))
    this.#timers.delete(id)
  }
  /** Confirmations stay while the pointer or the focus is on them. */
  hold(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
  }
  release(): void {
    for (const notice of this.list) if (notice.kind === 'info') this.#count(notice)
  }
  #count(notice: Notice): void {
    clearTimeout(this.#timers.get(notice.id))
    const timer = setTimeout(() => this.dismiss(notice.id), readingMs(notice.text))
    this.#timers.set(notice.id, timer)
  }
}
