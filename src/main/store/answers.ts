import { hash } from 'node:crypto'
import { ANSWER, TASKS, type Answer, type TaskName } from '../../contract/answers.ts'
import type { Db } from './database.ts'
import { RowType } from './rows.ts'

/** The answer of a service about a movie. */
export interface StoredAnswer {
  readonly id: number
  readonly movie: number
  readonly task: TaskName
  readonly service: string
  readonly model: string
  /** SHA-256 of the request, see {@link digestOf}. */
  readonly request: string
  /** SHA-256 of the text that was sent, see {@link contentOf}. */
  readonly content: string
  readonly at: string
  readonly answer: Answer
  /** True for a plot that stands in the place of the source's missing one. */
  readonly accepted: boolean
}
export const STORED_ANSWER = new RowType<StoredAnswer>({
  table: 'answer',
  json: { answer: ANSWER },
  among: { task: TASKS },
  flags: ['accepted'],
})
/** The accepted plot of the movie `m` of a statement; null if it has none. */
export const ACCEPTED_PLOT = "(select json_extract(a.answer, '$.found.plot') from answer a where a.movie = m.id and a.accepted = 1)"

/** Names a request by its address and body. */
export const digestOf = (url: string, body: string): string => hash('sha256', `${url}\n${body}`)
/** Names the text of a movie. */
export const contentOf = ({ title, plot }: { readonly title: string; readonly plot: string }): string =>
  hash('sha256', JSON.stringify([title, plot]))

/** The newest answer of each task and service about each movie, and accepted plots. */
const NEWEST = 'select max(id) from answer group by movie, task, service union select id from answer where accepted = 1'

/** Answers of services. They are written one by one, as they arrive, so that none is lost. */
export class AnswerTable {
  readonly #db
  readonly #add
  readonly #known
  readonly #ofMovie
  constructor(db: Db) {
    this.#db = db
    this.#add = db.prepare(
      `insert or replace into answer (movie, task, service, model, request, content, at, answer)
       values ($movie, $task, $service, $model, $request, $content, $at, $answer)`,
    )
    this.#known = db.prepare<[string, number]>('select * from answer where request = ? order by movie = ? desc limit 1')
    this.#ofMovie = db.prepare<[number]>(
      `select * from answer where movie = ? and (accepted = 1 or id in (select max(b.id) from answer b where b.movie = answer.movie group by b.task, b.service))`,
    )
  }
  add(answer: Omit<StoredAnswer, 'id' | 'accepted'>): void {
    this.#add.run(STORED_ANSWER.write(answer))
  }
  /** Movies with an accepted plot. */
  accepted(): number[] {
    return this.#db.prepare<[], number>('select movie from answer where accepted = 1 order by movie').pluck().all()
  }
  /** Movies with an accepted plot, and that plot. */
  acceptedPlots(): [movie: number, plot: string][] {
    return this.#db
      .prepare("select movie, json_extract(answer, '$.found.plot') as plot from answer where accepted = 1 and plot is not null")
      .raw()
      .all() as [number, string][]
  }
  /** Makes these answers, one for each movie, the accepted plots of their movies; `null` leaves a movie without. @returns what was accepted before */
  accept(answers: ReadonlyMap<number, number | null>): Map<number, number | null> {
    const before = this.#db.prepare<[number], number>('select id from answer where movie = ? and accepted = 1').pluck()
    const take = this.#db.prepare('update answer set accepted = 0 where movie = ? and accepted = 1')
    const give = this.#db.prepare('update answer set accepted = 1 where id = ?')
    return new Map(
      Array.from(answers, ([movie, answer]) => {
        const was = before.get(movie) ?? null
        take.run(movie)
        if (answer !== null) give.run(answer)
        return [movie, was]
      }),
    )
  }
  /** The answer to a request: about this movie, or about another one with the same text; null if it was never sent. */
  known(request: string, movie: number): StoredAnswer | null {
    const row = this.#known.get(request, movie)
    return row === undefined ? null : STORED_ANSWER.read(row)
  }
  /** The newest answers about a movie. */
  of(movie: number): StoredAnswer[] {
    return this.#ofMovie.all(movie).map((row) => STORED_ANSWER.read(row))
  }
  /** The newest answers of a task, in file order. */
  *all(task: TaskName): Generator<StoredAnswer> {
    const rows = this.#db.prepare<[string]>(`select * from answer where task = ? and id in (${NEWEST}) order by movie, id`)
    for (const row of rows.iterate(task)) yield STORED_ANSWER.read(row)
  }
  /** Differs after every new answer. */
  last(): number {
    return this.#db.prepare<[], number>('select coalesce(max(id), 0) from answer').pluck().get() ?? 0
  }
}
