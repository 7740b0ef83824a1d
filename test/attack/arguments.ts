/** Arguments of a window with the token that are made to stop, fill or confuse the engine: filters, slices, queues, thresholds, decisions. */
import type { WebSocket } from 'ws'
import { againstHost, type AttackedHost } from './support/host-process.ts'
import type { Attack } from './support/run.ts'

/** Longest that another window may wait meanwhile, in milliseconds, in the attacks that are slow; the machine may have other work. */
const MAX_WAIT_MS = 300

/** Texts of filters. */
const FILTERS: Readonly<Record<string, string>> = {
  'a megabyte of letters': 'x'.repeat(1_000_000),
  'a megabyte of terms': 'a '.repeat(500_000),
  'a megabyte of parentheses': '('.repeat(1_000_000),
  '3,900 parentheses': '('.repeat(3900),
  '3,900 negations': `${'-'.repeat(3900)}a`,
  '950 negations in words': `${'NOT '.repeat(950)}a`,
  '24 levels, each of two': `${'(a OR -'.repeat(24)}b${')'.repeat(24)}`,
  '190 words, of which one is enough': Array.from({ length: 190 }, (_, i) => `plot:word${i}`).join(' OR '),
  '190 words, which nearly every plot has': Array(190).fill('plot:the').join(' '),
  '300 conditions': Array(300).fill('genre:Drama').join(' '),
  'a quotation mark that is not closed': '"'.padEnd(3900, 'a'),
  'quotation marks only': '"'.repeat(3999),
  'backslashes in quotation marks': `"${'\\'.repeat(3990)}`,
  'escaped quotation marks': `"${'\\"'.repeat(1900)}"`,
  'spaces only': ' '.repeat(4000),
  'spaces between a name and its comparison': `year${' '.repeat(3900)}`,
  'digits that are nearly a number': `length>${'1'.repeat(3900)}x`,
  'a number beyond all others': 'length>1e999',
  'a range of ranges': `length:${'..'.repeat(1900)}`,
  'a date that does not exist': 'when:2026-99-99',
  '__proto__ as a keyword': '__proto__:x',
  'constructor as a keyword': 'constructor:x',
  '__proto__ as a column': 'column(__proto__):x',
  'toString as a column': 'column(toString)>1',
  '__proto__ as a genre': 'genre:__proto__ p(constructor)>0.5 about:toString',
  '__proto__ as a slice': 'slice:__proto__',
  'constructor as a value': 'split:constructor bucket:toString kind:__proto__',
  'an expression that takes for ever': 'plot:"(a+)+$" title:(a+)+$',
  'syntax of the text search': 'plot:"NEAR(a b) AND c*" text:"^a -b" title:"a:b"',
  'statements of SQL': `plot:"'; drop table movie; --" note:"x' or 1=1" who:"';attach 'x' as y"`,
  'a null character': 'plot:"\0" title:a\0b',
  'half of a surrogate pair': 'plot:"\ud800" who:\udfff',
  'right-to-left marks': '\u202eplot:x\u202c',
  '3,900 combining marks': `plot:a${'\u0301'.repeat(3900)}`,
}
const call = (method: string, args: object): string => JSON.stringify({ t: 'req', id: 1, method, args })
const SEARCHES = Object.fromEntries(Object.entries(FILTERS).map(([name, where]) => [name, call('review.query', { where })]))
/** What else a window may name. */
const CALLS: Readonly<Record<string, string>> = {
  'a threshold that is null, as JSON writes NaN': call('thresholds.set', { thresholds: [null], origin: 'x' }),
  'a threshold of infinity': `{"t":"req","id":1,"method":"thresholds.set","args":{"thresholds":[1e999],"origin":"x"}}`,
  'no threshold': call('thresholds.set', { thresholds: [], origin: 'x' }),
  'thresholds of other genres': call('thresholds.set', { thresholds: [0.5, 0.5], origin: 'x' }),
  '49,000 thresholds': call('thresholds.set', { thresholds: Array(49_000).fill(0.5), origin: 'x' }),
  'thresholds as a text': call('thresholds.set', { thresholds: '0.5', origin: 'x' }),
  'thresholds as typed numbers': call('thresholds.set', { thresholds: { $kind: 'Float32Array', $b64: 'AADAfwAAwH8=' }, origin: 'x' }),
  'a strategy __proto__': `{"t":"req","id":1,"method":"thresholds.strategies","args":{"values":{"__proto__":1}}}`,
  'a strategy that does not exist': call('thresholds.strategies', { values: { constructor: 1 } }),
  'a strategy with a value of infinity': `{"t":"req","id":1,"method":"thresholds.strategies","args":{"values":{"cost":1e999}}}`,
  '1,001 slices': call('review.setSlices', { slices: Array.from({ length: 1001 }, (_, i) => ({ name: `s${i}`, where: 'x' })) }),
  'two slices of one name': call('review.setSlices', { slices: [{ name: 'a', where: 'x' }, { name: 'a', where: 'y' }] }),
  'a slice of a filter that is wrong': call('review.setSlices', { slices: [{ name: 'a', where: '(((' }] }),
  'a slice of a megabyte': call('review.setSlices', { slices: [{ name: 'a', where: 'x'.repeat(1_000_000) }] }),
  'a slice that names itself': call('review.setSlices', { slices: [{ name: 'a', where: 'slice:a' }] }),
  'a search in the slice that names itself': call('review.query', { where: 'slice:a' }),
  'slices that name each other': call('review.setSlices', { slices: [{ name: 'a', where: 'slice:b' }, { name: 'b', where: 'slice:a' }] }),
  'a search in slices that name each other': call('review.query', { where: 'slice:a' }),
  'slices that each name the one before twice': call('review.setSlices', { slices: Array.from({ length: 30 }, (_, i) => ({ name: `s${i}`, where: i === 0 ? 'x' : `slice:s${i - 1} OR slice:s${i - 1}` })) }),
  'the seventh of them': call('review.query', { where: 'slice:s6' }),
  'the last of them': call('review.query', { where: 'slice:s29' }),
  'a mixed queue of nothing': call('review.query', { sort: 'mixed', mix: {} }),
  'a mixed queue of itself': call('review.query', { sort: 'mixed', mix: { mixed: 1 } }),
  'a mixed queue of __proto__': `{"t":"req","id":1,"method":"review.query","args":{"sort":"mixed","mix":{"__proto__":1}}}`,
  'a mixed queue of shares below zero': call('review.query', { sort: 'mixed', mix: { suspects: -1 } }),
  'a mixed queue of infinite shares': `{"t":"req","id":1,"method":"review.query","args":{"sort":"mixed","mix":{"random":1e999}}}`,
  'an order constructor': call('review.query', { sort: 'constructor' }),
  'a decision without a movie': call('labels.apply', { changes: [{ field: 'skipped', to: true }] }),
  'a decision skipped as a text': call('labels.apply', { changes: [{ field: 'skipped', movie: 1, to: 'yes' }] }),
  'a decision flagged of a genre': call('labels.apply', { changes: [{ field: 'flagged', movie: 1, genre: 1, to: true }] }),
  'a decision in a field __proto__': call('labels.apply', { changes: [{ field: '__proto__', movie: 1, to: true }] }),
  '12,000 decisions at once': call('labels.apply', { changes: Array(12_000).fill({ field: 'flagged', movie: 1, to: true }) }),
  'the same mark 1,000 times': call('labels.apply', { changes: Array.from({ length: 1000 }, (_, i) => ({ field: 'flagged', movie: 1, to: i % 2 === 0 })) }),
  'a movie of 2^53': call('labels.apply', { changes: [{ field: 'flagged', movie: 2 ** 53, to: true }] }),
  'an audit of a billion': call('audit.start', { size: 1e9 }),
  'an audit of no width': call('audit.start', { size: 30, width: 0 }),
  'an answer before an audit': call('audit.answer', { movie: 1, genres: [1] }),
  ...Object.fromEntries(
    ['../../evil', '..', 'a/b', 'a\\b', '.hidden', 'x\0', '__proto__', 'x'.repeat(5000), ''].map((name) => [`a recipe of the name ${name.slice(0, 20)}`, call('clean.delete', { name })]),
  ),
  'a recipe outside of its folder': call('clean.load', { name: '../settings' }),
  'columns as a text': call('train.start', { config: { columns: 'title' } }),
  '45,000 columns': call('train.start', { config: { columns: Array(45_000).fill('x') } }),
  'columns that do not exist': call('train.start', { config: { columns: ['__proto__'] } }),
} // prettier-ignore

/** A refusal in words, or a result; not a defect, and no process that ended. */
const isInWords = (reply: string): boolean => reply.startsWith('{"t":"res"') && !reply.includes('"code":"internal"')

/** Replies of the host, without the events that may come before them. */
class Replies {
  #resolve: (reply: string) => void = () => undefined
  #reject: (error: Error) => void = () => undefined
  constructor(ws: WebSocket) {
    ws.on('message', (data: Buffer) => {
      const text = data.toString()
      if (!text.startsWith('{"t":"evt"')) this.#resolve(text)
    })
    ws.on('close', (code) => this.#reject(new Error(`the connection was closed (${code})`)))
  }
  /** @throws Error if the connection is closed instead */
  next(what: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = (error) => reject(new Error(`${what}: ${error.message}`))
    })
  }
}
/** Sends each message; resolves to how many were answered and refused. @throws Error if a reply is a defect, or another window waits */
async function answersTo(host: AttackedHost, messages: Readonly<Record<string, string>>, mostWaitMs = Infinity): Promise<string> {
  const { ws } = await host.connect()
  const replies = new Replies(ws)
  let refused = 0
  for (const [what, message] of Object.entries(messages)) {
    let reply = ''
    // what is too slow is slow each time
    let wait = Infinity
    for (let attempt = 0; attempt === 0 || (attempt < 3 && wait > mostWaitMs); attempt++)
      wait = await host.longestWaitDuring(async () => {
        ws.send(message)
        reply = await replies.next(what)
      })
    if (!isInWords(reply)) throw new Error(`${what}: ${reply.slice(0, 200)}`)
    if (wait > mostWaitMs) throw new Error(`${what}: another window waited ${Math.round(wait)} ms`)
    if (reply.includes('"ok":false')) refused++
  }
  const count = Object.keys(messages).length
  return `${count} answered, of which ${refused} refused in words`
}

export const attacks: readonly Attack[] = [
  { name: 'filters', run: ({ folder }) => againstHost(folder, (host) => answersTo(host, SEARCHES)) },
  {
    name: 'filters on 20,000 movies',
    slow: true,
    run: ({ folder }) => againstHost(folder, (host) => answersTo(host, SEARCHES, MAX_WAIT_MS), 20_000),
  },
  { name: 'slices, queues, thresholds, decisions and recipes', run: ({ folder }) => againstHost(folder, (host) => answersTo(host, CALLS)) },
]
