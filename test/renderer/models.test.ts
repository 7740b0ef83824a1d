/** Recipes, models, curves and predictions for a plot, in words and figures. */
import { describe, expect, test } from 'vitest'
import { type EpochFigures, TRAIN_MODES, TRANSFORMER_CONFIG, type TransformerConfig } from '../../src/contract/models.ts'
import type { RunConfig, TextPrediction } from '../../src/contract/records.ts'
import { LINEAR_CONFIG, TRANSFORMER_SETTINGS } from '../../src/contract/training.ts'
import { libraryDefaults, scratchDefaults } from '../../src/main/compute/train/defaults.ts'
import { bestEpoch, newerLog, mainPart, curveParts, withEpoch } from '../../src/renderer/stores/curves-logic.ts'
import {
  choiceOf,
  has,
  merged,
  modelInWords,
  parametersInWords,
  patchAt,
  runWithModel,
  valueAt,
} from '../../src/renderer/stores/recipe-logic.ts'
import { memory } from '../../src/renderer/messages/format.ts'
import { lastEpoch, pictures, rate } from '../../src/renderer/views/train/curves.ts'
import { modelOptions } from '../../src/renderer/views/train/model-options.ts'
import { chosen, linearFields, transformerGroups, type ChoiceField, type Field } from '../../src/renderer/views/train/settings.ts'
import { costSummary } from '../../src/renderer/views/train/summaries.ts'
import { genreLines, predictedNames } from '../../src/renderer/views/try/predictions.ts'
import { DEFAULTS, devices, epochFigures, epochsOf, estimateOf, library, ofLibrary, SMALL } from './samples.ts'

const LORA = ofLibrary('distilbert/distilbert-base-uncased', 'lora')

describe('recipes', () => {
  test.each([
    ['lora.rank', 8],
    ['epochs', 4],
    ['model.layers', 2],
    ['model.id', undefined],
    ['epochs.of.nothing', undefined],
  ])('the value at %s', (path, value) => expect(valueAt(SMALL, path)).toBe(value))
  test('a patch keeps the values that it does not name, group by group; a list is replaced as a whole', () => {
    const after = merged(merged(SMALL, patchAt('lora.rank', 16)), patchAt('lora.targets', ['q_lin']))
    expect(after).toEqual({ ...SMALL, lora: { ...SMALL.lora, rank: 16, targets: ['q_lin'] } })
    expect(merged(after, patchAt('lora.targets', [])).lora.targets).toEqual([])
    expect(merged(SMALL, patchAt('dropout', null)).dropout).toBeNull()
    expect(SMALL.lora.rank).toBe(8)
  })
  test('a recipe already has a patch that would change nothing', () => {
    expect(has(SMALL, { lora: { rank: 8 }, epochs: 4 })).toBe(true)
    expect(has(SMALL, { lora: { rank: 9 } })).toBe(false)
    expect(has(SMALL, { clip: null })).toBe(false)
  })
  test.each<[RunConfig, string, string]>([
    [DEFAULTS, 'linear', 'Linear'],
    [SMALL, 'scratch', 'Small transformer'],
    [LORA, 'distilbert/distilbert-base-uncased', 'distilbert-base-uncased, LoRA'],
    [{ ...LORA, mode: 'top', topLayers: 1 }, 'distilbert/distilbert-base-uncased', 'distilbert-base-uncased, top layer'],
    [{ ...LORA, mode: 'top', topLayers: 3 }, 'distilbert/distilbert-base-uncased', 'distilbert-base-uncased, top 3 layers'],
    [ofLibrary('gone', 'head'), 'gone', 'gone, head only'],
  ])('%#: a run is named after its model', (config, choice, words) =>
    expect([choiceOf(config), modelInWords(config)]).toEqual([choice, words]),
  )
  test('among runs of several families, a run has its number and its model', () =>
    expect(runWithModel({ id: 3, config: LORA })).toBe('Run 3 (distilbert-base-uncased, LoRA)'))
  test.each([
    [66_362_880, '66 million parameters'],
    [2_500_000, '2.5 million parameters'],
    [1_100_048_384, '1.1 billion parameters'],
    [12_345, '12,000 parameters'],
    [345, '345 parameters'],
  ])('%i: %s', (n, words) => expect(parametersInWords(n)).toBe(words))
})

/** Dotted paths of every value of a recipe; what a choice sets together counts as one with its first. */
const paths = (config: object, before = ''): string[] =>
  Object.entries(config).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) ? paths(value as object, `${before}${key}.`) : [`${before}${key}`],
  )
const choices = (fields: readonly Field[]) => fields.filter((f): f is ChoiceField => f.kind === 'choice')

describe('settings', () => {
  const LINEAR = linearFields(['tagline'])
  const groups = transformerGroups(devices, ['tagline'])
  const all = groups.flatMap((g) => [...g.fields, ...g.advanced]) as readonly Field[]
  const setBy = (fields: readonly Field[]) =>
    new Set(fields.flatMap((f) => (f.kind === 'choice' ? f.choices.flatMap((c) => paths(c.patch)) : [f.key])))
  test('of the linear family cover every value', () =>
    expect([...setBy(LINEAR as readonly Field[])].sort()).toEqual(
      paths(DEFAULTS)
        .filter((k) => k !== 'family')
        .sort(),
    ))
  test('of a transformer cover every value', () => {
    const set = setBy(all)
    const values = [...paths(SMALL), ...paths(LORA)].filter((k) => !['family', 'model.source', 'model.id', 'model.digest'].includes(k))
    expect([...set].sort()).toEqual([...new Set(values)].sort())
  })
  test.each<[string, TransformerConfig]>([
    ['small', scratchDefaults()],
    ...TRAIN_MODES.map((mode): [string, TransformerConfig] => [
      mode,
      libraryDefaults({ source: 'library', id: 'x', digest: '' }, 'bert', mode),
    ]),
  ])('the defaults (%s) are among the choices', (_, config) => {
    const shown = choices(all).filter(({ when }) => when?.(config) !== false)
    expect(shown.filter((field) => chosen(field.choices, config) < 0).map(({ key }) => key)).toEqual([])
  })
  test('the contract accepts every choice of the linear family, and the choice is then shown as chosen', () => {
    for (const field of choices(LINEAR as readonly Field[]))
      field.choices.forEach((choice, i) => {
        expect(LINEAR_CONFIG.parse(choice.patch)).toEqual(choice.patch)
        expect(chosen(field.choices, merged(DEFAULTS as RunConfig, choice.patch))).toBe(i)
      })
  })
  test('the contract accepts every choice of a transformer, and the choice is then shown as chosen', () => {
    for (const field of choices(all))
      field.choices.forEach((choice, i) => {
        const config = merged<RunConfig>(field.key.startsWith('model.') ? SMALL : LORA, choice.patch)
        expect(TRANSFORMER_CONFIG.parse(config)).toEqual(config)
        expect(TRANSFORMER_SETTINGS.parse(config)).toEqual(config)
        expect(chosen(field.choices, config)).toBe(i)
      })
  })
  test.each<[string, RunConfig, string[]]>([
    ['the small transformer has no base model, so it has no adapters', SMALL, ['model.layers', 'model.warmUpEpochs']],
    ['adapters have a rank', LORA, ['mode', 'lora.rank']],
    ['top layers have a number', { ...LORA, mode: 'top' }, ['mode', 'topLayers']],
    ['a head has neither', { ...LORA, mode: 'head' }, ['mode']],
  ])('%s', (_name, config, keys) => {
    const first = (groups[0]?.fields ?? []) as readonly Field[]
    expect(first.filter((f) => f.when?.(config) ?? true).map((f) => f.key)).toEqual(keys)
  })
  test('a device that is not available says so', () =>
    expect(
      choices(all)
        .find((f) => f.key === 'device')
        ?.choices.map((c) => c.label),
    ).toEqual(['Fastest that passes its test', 'CPU, 2 threads', 'GPU (WebGPU): llvmpipe', 'GPU (CUDA): not available']))
  test('every help is one sentence without its full stop', () => {
    for (const f of [...LINEAR, ...all]) expect(f.key === 'device' || !/\.$/.test(f.help), f.help).toBe(true)
  })
})

describe('the picker', () => {
  test('the linear model first, then the small transformer, then the library', () =>
    expect(modelOptions(library).map((o) => o.choice)).toEqual(['linear', ...library.map((m) => m.id)]))
  test('shows architecture, size and licence of a model', () => {
    const [, , distilbert, llama, gone] = modelOptions(library)
    expect(distilbert?.note).toBe('DistilBERT, 66 million parameters, 268 MB, licence apache-2.0, from the Hub')
    expect(llama?.note).toContain('no licence given')
    expect(gone?.problem).toMatch(/not there any more/)
  })
  test.each([
    [640.4, '640 MB'],
    [1940, '1.9 GB'],
    [0.2, '1 MB'],
  ])('%d MB: %s', (mb, words) => expect(memory(mb)).toBe(words))
  test('shows the costs of a training', () => {
    const fits = costSummary({ estimate: estimateOf(SMALL) })
    expect(fits).toMatchObject({ short: 'about 2 min, 540 MB', fits: true })
    expect(fits.sentence).toBe('Takes about 2 min and needs about 540 MB of memory (5.2 GB free). From 3 such trainings on this machine.')
    const large = costSummary({ estimate: estimateOf(ofLibrary('/models/tiny-llama', 'full')) })
    expect(large).toMatchObject({ short: 'does not fit: 18.4 GB', fits: false })
    expect(large.sentence).toMatch(/^Does not fit: it needs 18\.4 GB of memory, and 5\.2 GB are free\. .*choose a smaller model/)
    expect(costSummary({ estimate: { seconds: 14, peakMb: 380, freeMb: 5200, fits: true, runs: 0 } }).sentence).toMatch(
      /\. This is rough: no such training has run/,
    )
    expect(costSummary({ problem: 'No project is open.' })).toEqual({ short: 'not known', sentence: 'No project is open.', fits: true })
  })
})

describe('curves', () => {
  const all = epochsOf(SMALL)
  test('an epoch belongs to its fold and stage', () =>
    expect(curveParts(all).map((s) => [s.title, s.epochs.length])).toEqual([
      ['Warm-up', 2],
      ['Fold 1', 4],
      ['Fold 2', 4],
      ['Final model', 4],
    ]))
  test('the running part is shown during a training, the final model after it', () => {
    const upTo = curveParts(all.slice(0, 5))
    expect(mainPart(upTo, true)?.title).toBe('Fold 1')
    expect(mainPart(curveParts(all), false)?.title).toBe('Final model')
    expect(mainPart(upTo, false)?.title).toBe('Fold 1')
    expect(mainPart([], true)).toBeNull()
  })
  test('an epoch that a resumed training repeats replaces the old one and those after it', () => {
    const [one, two, three] = [1, 2, 3].map((e) => epochFigures(null, 'fine-tuning', e, 4)) as [EpochFigures, EpochFigures, EpochFigures]
    const other = epochFigures(0, 'fine-tuning', 3, 4)
    expect(withEpoch([other, one, two, three], two).map((e) => [e.fold, e.epoch])).toEqual([
      [0, 3],
      [null, 1],
      [null, 2],
    ])
  })
  test('a log that was read before the last events keeps the epochs of the events', () => {
    const told = { epochs: all.slice(0, 3), device: '', notes: [] }
    const read = { epochs: all.slice(0, 2), device: 'CPU', notes: ['halved'] }
    expect(newerLog(read, told)).toEqual({ ...read, epochs: told.epochs })
    expect(newerLog({ ...read, epochs: all }, told).epochs).toBe(all)
    expect(newerLog(read, undefined)).toBe(read)
  })
  test('the best epoch is the last one marked as best; a warm-up has none', () => {
    const [warm, fold] = curveParts(all)
    expect(fold && bestEpoch(fold)?.epoch).toBe(3)
    expect(warm && bestEpoch(warm)).toBeNull()
  })
  test('charts of loss and F1; of a warm-up only the loss', () => {
    const [warm, fold] = curveParts(all)
    expect(fold && pictures(fold).map((p) => p.series.map((s) => s.label))).toEqual([
      ['Training loss', 'Validation loss'],
      ['Micro-F1', 'Macro-F1'],
    ])
    expect(warm && pictures(warm).map((p) => p.series.map((s) => s.label))).toEqual([['Training loss']])
    expect(fold && pictures(fold)[1]?.label).toMatch(/^Line chart of Fold 1: after epoch 4, micro-f1 0\.\d{3}, macro-f1 0\.\d{3}\./)
  })
  test('the last epoch in words', () => {
    const fold = curveParts(all)[1]!
    expect(lastEpoch(fold, true).slice(0, 2)).toEqual(['Epoch 4 of 4', 'best so far: epoch 3'])
    expect(lastEpoch(fold, false).join('; ')).toMatch(/best: epoch 3; .* tokens per second; 516 MB of memory; 26 s$/)
  })
  test.each([
    [0.00025, '2.5 · 10⁻⁴'],
    [3e-12, '3.0 · 10⁻¹²'],
    [0.0123, '0.012'],
    [0.5, '0.5'],
    [0, '0'],
  ])('a learning rate of %d reads %s', (n, words) => expect(rate(n)).toBe(words))
})

describe('predictions for a plot', () => {
  const said = (run: number, ...genres: [string, number, boolean][]): TextPrediction => ({
    run,
    name: `Run ${run}`,
    family: 'linear',
    genres: genres.map(([name, probability, predicted], i) => ({ id: i + 1, name, probability, threshold: 0.5, predicted })),
    problem: null,
  })
  const one = said(1, ['Crime', 0.9, true], ['Drama', 0.95, true], ['War', 0.1, false])
  const two = said(2, ['Crime', 0.7, true], ['Drama', 0.2, false], ['Western', 0.3, false])
  test('the most probable genre first', () =>
    expect([predictedNames(one), predictedNames(two), predictedNames(said(3))]).toEqual(['Drama, Crime', 'Crime', '']))
  test('genres that most runs predict come first; a genre that a run does not know has no cell', () => {
    const lines = genreLines([one, two])
    expect(lines.map((l) => [l.name, l.predicted])).toEqual([
      ['Crime', 2],
      ['Drama', 1],
      ['Western', 0],
      ['War', 0],
    ])
    expect(lines.map((l) => l.cells.map((c) => c?.probability ?? null))).toEqual([
      [0.9, 0.7],
      [0.95, 0.2],
      [null, 0.3],
      [0.1, null],
    ])
  })
})
