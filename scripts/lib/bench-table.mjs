// The benchmarks, and the conversion of their numbers to lines of the table in docs/benchmarks.md. Runs under Node 20 too.

import { at } from './node.mjs'

/** @typedef {{ calls: number, p50: number, p95: number, max: number }} Spread milliseconds */
/** @typedef {{ measure: string, result: string, peer: string, ratio: number | null }} Line */
/** @typedef {{ csv: string, project: string, real: string, quick: boolean }} Material paths */
/** @typedef {{ name: string, needs: 'csv' | 'project' | 'real', times?: number, command: (m: Material) => string[], lines: (out: any) => Line[] }} Benchmark */

/** Target for the first page of any filter and sort, milliseconds. */
const PROMISE_MS = 50
/** One frame, in which every figure follows a dragged threshold, milliseconds. */
const FRAME_MS = 16

const ms = (/** @type {number} */ x) => `${x < 10 ? x.toFixed(1) : Math.round(x).toLocaleString('en')} ms`
const seconds = (/** @type {number} */ s) => `${s.toFixed(s < 10 ? 2 : 1)} s`
const whole = (/** @type {number} */ x) => x.toLocaleString('en')
const spread = (/** @type {Spread} */ s) => `p50 ${ms(s.p50)}, p95 ${ms(s.p95)}, max ${ms(s.max)}`
const alone = (/** @type {string} */ measure, /** @type {string} */ result) => ({ measure, result, peer: '', ratio: null })
const promised = (/** @type {string} */ measure, /** @type {Spread} */ s, limit = PROMISE_MS) => ({
  measure,
  result: spread(s),
  peer: `promise: p95 within ${limit} ms`,
  ratio: s.p95 / limit,
})
/** @param {string} measure @param {number | null} took seconds; null if it failed @param {number} limit seconds */
const within = (measure, took, limit) => ({
  measure,
  result: took === null ? 'failed' : seconds(took),
  peer: `promise: within ${limit} s`,
  ratio: took === null ? null : took / limit,
})

/** @param {string} measure @param {{ seconds: number, peerSeconds: number | null, share?: number | null }} pair @param {string} peer */
const against = (measure, pair, peer) => ({
  measure,
  result: seconds(pair.seconds) + (pair.share == null ? '' : `, ${Math.round(100 * pair.share)}% of the roofline`),
  peer: pair.peerSeconds === null ? `${peer}: not installed` : `${peer}: ${seconds(pair.peerSeconds)}`,
  ratio: pair.peerSeconds === null ? null : pair.seconds / pair.peerSeconds,
})

/** @type {readonly Benchmark[]} */
export const BENCHMARKS = [
  {
    name: 'linear',
    needs: 'real',
    times: 3,
    command: ({ real }) => ['test/bench/linear.ts', real],
    lines: (o) =>
      [
        ['19 genres x 5 folds, default settings', o.seconds],
        ["19 genres x 5 folds, the peer's settings", o.peerSettingsSeconds],
      ]
        .map(([measure, mine]) => ({
          measure,
          result: seconds(mine),
          peer: o.peerSeconds === null ? 'scikit-learn: not installed' : `scikit-learn: ${seconds(o.peerSeconds)}`,
          ratio: o.peerSeconds === null ? null : mine / o.peerSeconds,
        }))
        .concat(alone('50 explanations, warm', `${whole(o.explainMs)} ms`)),
  },
  {
    name: 'transformer',
    needs: 'real',
    command: ({ real, quick }) => [
      'test/bench/transformer.ts',
      real,
      at('../shared/data/tokenizers/bert-uncased'),
      ...(quick ? ['quick'] : []),
    ],
    lines: (o) => [
      against('inference, 8 x 128 tokens', o.infer, o.torchVersion ?? 'PyTorch'),
      against('inference, 8 x 128 tokens', o.inferJs, 'transformers.js'),
      against('inference, 1,000 plots by length; peer: padded to 256', o.plots, 'transformers.js'),
      against('the same; peer: padded to the longest of its batch', o.plotsLongest, 'transformers.js'),
      against('LoRA step (r = 8), 8 x 128 tokens', o.lora, 'PyTorch'),
      against('full fine-tuning step, 8 x 128 tokens', o.full, 'PyTorch'),
      against('LoRA epoch over 2,000 plots; peer: padded to 256, at the pace of a step', o.epoch, 'PyTorch'),
      alone('peak memory of a LoRA step', `${whole(o.lora.peakMB)} MB`),
      alone('peak memory of a full step', `${whole(o.full.peakMB)} MB`),
      alone('tokenising 10,000 plots', o.tokenising === null ? 'failed' : seconds(o.tokenising.seconds)),
      o.card === null
        ? alone('LoRA step with WebGPU, 2 x 32 tokens', 'no graphics device here')
        : against('LoRA step with WebGPU, 2 x 32 tokens', o.card, 'CPU'),
    ],
  },
  {
    name: 'quality',
    needs: 'real',
    command: ({ real }) => [
      'test/bench/quality.ts',
      real,
      at('../shared/data/movies-metadata/movies_metadata.csv'),
      at('../shared/data/imdb-by-genre'),
    ],
    lines: (o) => {
      const scores = (/** @type {any} */ s) => `${s.micro.toFixed(3)}, ${s.macro.toFixed(3)}, ${s.jaccard.toFixed(3)}`
      return Object.entries(o.catalogues).map(([name, { mine, peer }]) => ({
        measure: `${name}, test part: micro-F1, macro-F1, Jaccard of the default recipe`,
        result: scores(mine),
        peer: peer === null ? 'scikit-learn: not installed' : `scikit-learn (liblinear): ${scores(peer)}`,
        ratio: null,
      }))
    },
  },
  {
    name: 'label-quality',
    needs: 'real',
    command: ({ real, quick }) => [
      'test/bench/label-quality.ts',
      real,
      at('../shared/data/movies-metadata/movies_metadata.csv'),
      at('../shared/data/movies-metadata/genres_later.csv'),
      ...(quick ? ['quick'] : []),
    ],
    lines: (o) => {
      const figure = (/** @type {number} */ x) => x.toFixed(3)
      const natural = (/** @type {string} */ name, /** @type {string} */ key) => figure(o.natural.orders[name][key])
      const rivals = ['cleanlab EMA 0.8', 'cleanlab softmin 0.1']
      const best = (/** @type {any} */ orders) => Math.max(...rivals.map((name) => orders[name].ap))
      return [
        ...[
          ['movies, average precision', 'ap'],
          ['movies, precision of the first 100', 'p100'],
          ['cells, average precision', 'cells'],
        ].map(([what = '', key = '']) => ({
          measure: `labels that editors changed later, ${what}`,
          result: natural('Reelabel', key),
          peer: `cleanlab: EMA ${natural('cleanlab EMA 0.8', key)}, softmin ${natural('cleanlab softmin 0.1', key)}`,
          ratio: null,
        })),
        ...o.planted
          .filter((/** @type {any} */ p) => p.rate === 0.15 || o.planted.length < 6)
          .map((/** @type {any} */ p) => ({
            measure: `planted errors, ${p.kind}, ${100 * p.rate}% of the movies, average precision`,
            result: figure(p.orders.Reelabel.ap),
            peer: `cleanlab's better one: ${figure(best(p.orders))}`,
            ratio: null,
          })),
        ...o.costs.map((/** @type {any} */ c) =>
          alone(`search for suspects, ${whole(c.movies)} movies (a training: ${seconds(c.training)})`, seconds(c.search)),
        ),
      ]
    },
  },
  {
    name: 'audit',
    needs: 'real',
    command: ({ real, quick }) => ['test/bench/audit.ts', real, ...(quick ? ['quick'] : [])],
    lines: (o) =>
      o.results
        .filter((/** @type {any} */ r) => r.name !== 'truth')
        .map((/** @type {any} */ r) =>
          alone(
            `audits of ${whole(o.labelled)} movies, ${100 * r.rate}% with a planted error, ${r.name}`,
            `${(100 * r.movies.covered).toFixed(1)}% hold the rate, ±${(100 * r.movies.width).toFixed(2)} points`,
          ),
        ),
  },
  {
    name: 'linear-size',
    needs: 'csv',
    command: ({ quick }) => ['test/bench/linear-size.ts', ...(quick ? ['10000'] : [])],
    lines: (o) =>
      o.sizes.map((/** @type {any} */ s) =>
        alone(
          `training on ${whole(s.training)} of ${whole(s.movies)} generated movies, ${whole(s.features)} n-grams`,
          `${seconds(s.seconds)} (${seconds(s.cpuSeconds)} of processor), peak ${whole(s.peakMB)} MB`,
        ),
      ),
  },
  {
    name: 'import',
    needs: 'csv',
    command: ({ csv }) => ['test/bench/import.ts', csv],
    lines: (o) => [
      {
        measure: `import of ${whole(o.rows)} records (${Math.round(o.csvMB)} MB): read, clean, index, split`,
        result: `${seconds(o.seconds)}: ${whole(o.rowsPerSecond)} rows/s, ${o.megabytesPerSecond} MB/s`,
        peer: o.peerSeconds === null ? 'sqlite3 .import: not installed' : `sqlite3 .import: ${seconds(o.peerSeconds)}`,
        ratio: o.ratio,
      },
      alone('peak memory of the import', `${whole(o.peakMB)} MB`),
      alone('size of the project', `${whole(o.fileMB)} MB`),
    ],
  },
  {
    name: 'open',
    needs: 'project',
    command: ({ project }) => ['test/bench/open.ts', project],
    lines: (o) => [
      alone(`opening a project of ${whole(o.movies)} movies with a run`, ms(o.open)),
      alone('memory with it open', `${whole(o.memoryMB)} MB`),
      alone('`overview.get`', ms(o.overview)),
      alone('`metrics.get`, test part', ms(o.metricsTest)),
      alone('`metrics.get`, out of fold', ms(o.metricsOof)),
      ...(o.compare === null ? [] : [alone('`runs.compare`, 2,000 resamples', ms(o.compare))]),
    ],
  },
  {
    name: 'review',
    needs: 'project',
    command: ({ project, quick }) => ['test/bench/review.ts', project, quick ? '500' : '2000'],
    lines: (o) => [
      promised(`first page of ${whole(o.warm.calls)} of ${whole(o.grid)} filters and sorts, ${whole(o.movies)} movies`, o.warm),
      promised(`the same right after a correction (${whole(o.corrected.calls)})`, o.corrected),
      promised(`filters over original columns, in memory, right after a correction (${whole(o.kinds.column.calls)})`, o.kinds.column),
      promised(`combinations of genres and probabilities, right after a correction (${whole(o.kinds.boolean.calls)})`, o.kinds.boolean),
      promised(`words and phrases of titles and plots, searched once before (${whole(o.kinds.text.calls)})`, o.kinds.text),
      promised(`phrases, and words of the title or plot alone, never searched before (${whole(o.phrases.calls)})`, o.phrases),
      alone(
        'the first of each sort after opening',
        Object.entries(o.cold)
          .map(([sort, t]) => `${sort} ${ms(t)}`)
          .join(', '),
      ),
    ],
  },
  {
    name: 'analysis',
    needs: 'project',
    command: ({ project }) => ['test/bench/analysis.ts', project],
    lines: (o) => [
      within(`search for slices, ${whole(o.slices.movies)} movies, right after opening the project`, o.slices.first / 1000, 2),
      within('the same again', o.slices.again.p50 / 1000, 2),
      promised(`a step of a threshold, all figures, 100,000 movies x 20 genres (${whole(o.drag.calls)})`, o.drag, FRAME_MS),
      within("integrated gradients, 32 points, one genre, 100 tokens, DistilBERT's shape", o.attribute, 1.5),
    ],
  },
  {
    name: 'window',
    needs: 'project',
    command: ({ project }) => ['test/bench/window.ts', project],
    lines: (o) => [
      alone('from the start of the engine until the Overview is drawn', ms(o.start)),
      promised(`from a key until the next movie is drawn (${whole(o.key.calls)})`, o.key),
      alone(
        `frames of the list at 5 rows a frame, ${whole(o.scroll.blank)} of ${whole(o.scroll.rows)} visible rows blank`,
        spread(o.scroll),
      ),
      alone(`from Enter in the filter until the list is counted (${whole(o.filter.calls)})`, spread(o.filter)),
      alone(`from a step of a threshold until its figures are drawn (${whole(o.drag.calls)})`, spread(o.drag)),
      alone(`Overview of 5,000 movies with 200 genres, from the click (${whole(o.genres200.calls)})`, spread(o.genres200)),
      alone("memory of the page's process", `${whole(o.renderer)} MB`),
    ],
  },
  {
    name: 'labels',
    needs: 'project',
    command: ({ project }) => ['test/bench/labels.ts', project],
    lines: (o) => [
      {
        measure: `a correction until it is on the disk (${whole(o.apply.calls)})`,
        result: spread(o.apply),
        peer: `4 KiB and an fsync: p50 ${ms(o.peer.p50)}`,
        ratio: o.ratio,
      },
      alone('undoing one', spread(o.undo)),
    ],
  },
  {
    name: 'export',
    needs: 'project',
    command: ({ project }) => ['test/bench/export.ts', project],
    lines: (o) =>
      ['catalogue', 'predictions'].map((what) =>
        alone(`export of the ${what} (${whole(o[what].rows)} records)`, `${whole(o[what].rowsPerSecond)} rows/s`),
      ),
  },
]

/** The table in Markdown, padded as Prettier pads it. @param {readonly (Line & { name: string })[]} lines */
export function table(lines) {
  const rows = [
    ['Benchmark', 'What', 'Result', 'Peer', 'Ratio'],
    ...lines.map((l) => [l.name, l.measure, l.result, l.peer, l.ratio === null ? '' : l.ratio.toFixed(2)]),
  ]
  const width = rows[0]?.map((_, i) => Math.max(...rows.map((r) => r[i]?.length ?? 0))) ?? []
  const line = (/** @type {readonly string[]} */ cells) => `| ${cells.map((c, i) => c.padEnd(width[i] ?? 0)).join(' | ')} |`
  const [head = [], ...body] = rows
  return [line(head), line(width.map((w) => '-'.repeat(w))), ...body.map(line)].join('\n')
}

/** Returns the page with new text between two markers. @param {string} page @param {string} text @param {string} [name] @throws {Error} without markers */
export function between(page, text, name = 'bench') {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const [begin, end] = [page.indexOf(open), page.indexOf(close)]
  if (begin < 0 || end < begin) throw new Error(`the page lacks its markers ${open} and ${close}`)
  return `${page.slice(0, begin + open.length)}\n\n${text}\n\n${page.slice(end)}`
}
