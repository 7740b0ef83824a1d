/** The Train and Try screens with models of either family, in front of a real engine whose trainings are scripted. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { UserError } from '../../src/contract/errors.ts'
import type { InferenceReply, InferenceRequest } from '../../src/contract/jobs.ts'
import type { CostEstimate } from '../../src/contract/models.ts'
import { m } from '../../src/renderer/messages/index.ts'
import { startFakeHub } from '../hub/fake-hub.ts'
import { goldenModels } from '../support/paths.ts'
import { epochOf, hangs, tunes, tunesHalfway } from '../support/project.ts'
import type { Open, Opened, WindowEngine } from './window-engine.ts'

const NAMES = /^Small transformer/

/** A folder with a tiny random model of the reference values and a vocabulary of its size; removed after the test. */
export function modelFolder(name: 'distilbert-tiny' | 'llama-tiny', as: string = name): string {
  const root = mkdtempSync(join(tmpdir(), 'reelabel-model-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const folder = join(root, as)
  mkdirSync(folder)
  for (const file of ['config.json', 'model.safetensors']) cpSync(join(goldenModels, name, file), join(folder, file))
  const { vocab_size } = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as { vocab_size: number }
  const words = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']
  writeFileSync(join(folder, 'vocab.txt'), Array.from({ length: vocab_size }, (_, i) => words[i] ?? `word${i}`).join('\n'))
  return folder
}
/** Explains by the plot's first word, predicts by the text's length, writes one file for an export. */
const infer =
  (genres: number) =>
  (request: InferenceRequest): InferenceReply => {
    const { id } = request
    if (request.t === 'predict') {
      const probabilities = request.texts.flatMap((text) =>
        Array.from({ length: genres }, (_, k) => ((text.length * 7 + k * 13) % 97) / 97),
      )
      return { t: 'predicted', id, probabilities: Float32Array.from(probabilities) }
    }
    if (request.t === 'explain') {
      const end = request.text.search(/\s|$/)
      return {
        t: 'explained',
        id,
        explanation: {
          spans: [{ start: 0, end, score: 0.7 }],
          terms: [{ text: 'fame', kind: 'char', contribution: 0.7 }],
          rest: 0.2,
          intercept: -1.2,
          logit: -0.3,
          note: '',
          of: 'final',
        },
      }
    }
    if (request.t === 'devices') return { t: 'devices', id, devices: [{ name: 'cpu', label: 'CPU', available: true, note: '' }] }
    if (request.t === 'examples') return { t: 'examples', id, found: [] }
    if (request.t === 'logits') return { t: 'logits', id, logits: Float64Array.from(request.texts, (text) => text.length / 1000) }
    if (request.t === 'strongest') return { t: 'strongest-words', id, genres: [] }
    mkdirSync(request.to, { recursive: true })
    writeFileSync(join(request.to, 'model.onnx'), 'a graph')
    return { t: 'exported', id }
  }

/** @param open a page in front of the engine; @param violations faults that axe finds */
export function windowModelsTests(open: Open, violations: (page: Page) => Promise<string[]>): void {
  const trainView = async (
    prepare: (engine: WindowEngine) => Promise<unknown> = () => Promise.resolve(),
    confined = true,
  ): Promise<Opened> => {
    const opened = await open({ confined })
    const { genres } = await opened.engine.engine.call('project.info', {})
    opened.engine.compute.answer = infer(genres.length)
    await prepare(opened.engine)
    await opened.page.getByRole('link', { name: 'Train', exact: true }).click()
    await opened.page.getByRole('radio', { name: NAMES }).waitFor()
    return opened
  }
  const add = (folder: string) => (engine: WindowEngine) => engine.engine.call('models.add', { path: folder })
  const start = (page: Page) => page.getByRole('button', { name: /^Train / })
  const trainSmall = async (page: Page): Promise<void> => {
    await page.getByRole('radio', { name: NAMES }).check()
    await start(page).click()
    await page.getByRole('row', { name: /^Run 2 .*current/ }).waitFor()
  }

  test('the picker shows the cost of each model, disables those that do not fit, and trains the chosen one', async () => {
    const gone = modelFolder('distilbert-tiny', 'gone')
    const { page, engine, close } = await trainView(async (e) => {
      // a model of that size is not written to the disk for a test
      e.rewrite.set('models.estimate', (estimate: CostEstimate, { config }: { config: { model?: { id?: string } } }) =>
        config.model?.id?.includes('llama') ? { ...estimate, peakMb: 18_400, fits: false } : estimate,
      )
      for (const folder of [modelFolder('distilbert-tiny'), modelFolder('llama-tiny'), gone]) await add(folder)(e)
      rmSync(gone, { recursive: true })
    })
    await page.getByText('does not fit: 18.4 GB', { exact: true }).waitFor()
    expect(await page.getByRole('radio', { name: /^gone/ }).isDisabled()).toBe(true)
    // each usable model once
    expect(engine.count('models.estimate')).toBe(4)
    await page.getByRole('radio', { name: /^llama-tiny/ }).check()
    await page.getByText(/^Does not fit: it needs 18.4 GB/).waitFor()
    expect(await start(page).isDisabled()).toBe(true)
    await page.getByRole('radio', { name: NAMES }).focus()
    await page.keyboard.press('Space')
    await expect.poll(() => start(page).isEnabled()).toBe(true)
    await start(page).click()
    await page.getByRole('heading', { name: 'Curves of Run 2 (Small transformer)' }).waitFor()
    await page.getByRole('row', { name: /^Run 2 Small transformer .*current/ }).waitFor()
    expect(engine.compute.tuned.at(-1)?.config).toEqual(await engine.engine.call('train.defaults', { family: 'transformer' }))
    await close()
  })

  test('settings are sent as shown, and another mode has its own defaults', async () => {
    const { page, engine, close } = await trainView(add(modelFolder('distilbert-tiny')))
    await page.getByRole('radio', { name: /^distilbert-tiny/ }).check()
    await page.getByRole('region', { name: 'Start' }).getByText('Settings', { exact: true }).click()
    const rate = page.getByRole('spinbutton', { name: 'Learning rate', exact: true })
    await expect.poll(() => rate.inputValue()).toBe('0.0005')
    await page.getByRole('spinbutton', { name: 'Rank of the adapters' }).fill('16')
    await page.getByRole('spinbutton', { name: 'Epochs' }).fill('2')
    await page.keyboard.press('Tab')
    await page.getByText('Settings (changed)').waitFor()
    await page.getByRole('combobox', { name: 'What is trained' }).selectOption('Everything')
    await expect.poll(() => rate.inputValue()).toBe('0.00003')
    expect(await page.getByRole('spinbutton', { name: 'Rank of the adapters' }).count()).toBe(0)
    await start(page).click()
    await page.getByRole('row', { name: /^Run 2 Fine-tuned distilbert-tiny distilbert-tiny, full .*current/ }).waitFor()
    expect(engine.compute.tuned.at(-1)?.config).toMatchObject({
      mode: 'full',
      epochs: 2,
      lora: { rank: 16, alpha: 16 },
      learningRate: 3e-5,
    })
    await page.getByRole('button', { name: 'Restore defaults' }).click()
    await expect.poll(() => page.getByRole('spinbutton', { name: 'Epochs' }).inputValue()).toBe('4')
    await close()
  })

  test('a retrain is one click and uses the recipe of the current run, whatever the picker shows', async () => {
    const { page, engine, close } = await trainView()
    await trainSmall(page)
    await page.getByRole('radio', { name: /^Linear/ }).check()
    await page.getByRole('link', { name: 'Review' }).click()
    await page.getByRole('radiogroup', { name: m.review.bucket }).getByRole('radio', { name: /^All/ }).click()
    await page.getByRole('table', { name: 'Genres of the movie' }).getByRole('checkbox').first().click()
    await page.getByRole('link', { name: 'Train', exact: true }).click()
    await page.getByText(/^Retrain: the current run's recipe \(Small transformer: .*MB\) on the corrected labels/).waitFor()
    // the prominent button trains what is picked, and says so
    expect(await page.locator('button.primary').filter({ visible: true }).allInnerTexts()).toEqual(['Train Linear'])
    await page.getByRole('radio', { name: NAMES }).check()
    await page
      .locator('button.primary')
      .filter({ hasText: /^Retrain with \d+ correction/ })
      .waitFor()
    await page.getByRole('radio', { name: /^Linear/ }).check()
    await page.getByRole('button', { name: /^Retrain with \d+ correction/ }).click()
    await page.getByRole('row', { name: /^Run 3 Retraining of run 2 Small transformer .*current/ }).waitFor()
    await page.getByRole('heading', { name: 'Run 3 against Run 2', exact: true }).waitFor()
    expect(engine.compute.tuned[1]?.config).toEqual(engine.compute.tuned[0]?.config)
    await close()
  })

  test('the clock of a training goes on between its reports', async () => {
    const { page, engine, close } = await trainView()
    await page.clock.install()
    engine.compute.script = hangs
    await start(page).click()
    await page.getByRole('progressbar').waitFor()
    await page.clock.runFor(31_000)
    await page.getByText(/^3[1-3] s so far$/).waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByText('Cancelled: everything is as it was before.').waitFor()
    await close()
  })

  test('a new run is compared with the previous one, with model names if the families differ', async () => {
    const { page, close } = await trainView()
    await trainSmall(page)
    await page.getByRole('heading', { name: 'Run 2 (Small transformer) against Run 1 (Linear)' }).waitFor()
    await start(page).click()
    await page.getByRole('heading', { name: 'Run 3 against Run 2', exact: true }).waitFor()
    await close()
  })

  test('curves are live by fold, then stored with the run, with a table and notes', async () => {
    const steps: (() => void)[] = []
    const step = (): void => steps.shift()!()
    const { page, close } = await trainView((engine) => {
      engine.compute.tuneScript = (job, say, die) => {
        say({ t: 'device', text: 'CPU, 2 threads' })
        const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1)
        const tell = (fold: number | null, epochs: readonly number[]): void =>
          epochs.forEach((epoch) => say({ t: 'epoch', figures: epochOf(epoch, { fold, epochs: 4, best: epoch < 4 }) }))
        const warm = (epoch: number): void =>
          say({ t: 'epoch', figures: epochOf(epoch, { stage: 'warm-up', epochs: 2, validLoss: null, microF1: null, macroF1: null }) })
        warm(1)
        steps.push(
          () => {
            warm(2)
            tell(0, range(2))
          },
          () => {
            tell(0, [3, 4])
            tell(1, range(4))
            tell(null, [4])
            tunes(job, (message) => (message.t === 'epoch' || message.t === 'device' ? undefined : say(message)), die)
          },
        )
      }
      return Promise.resolve()
    })
    await page.getByRole('radio', { name: NAMES }).check()
    await start(page).click()
    const card = page.getByRole('region', { name: /^Curves of Run 2/ })
    await card.getByText(/^Warm-up: Epoch 1 of 2/).waitFor()
    // two dots are no curve: the figures of a single epoch stand in the table
    await card.getByRole('table', { name: 'Every epoch' }).waitFor()
    expect(await card.getByRole('img').count()).toBe(0)
    step()
    await card.getByText(/^Fold 1: Epoch 2 of 4/).waitFor()
    await card.getByRole('img', { name: /^Line chart of Fold 1: after epoch 2, micro-f1/ }).waitFor()
    await card.getByRole('table', { name: 'Every epoch' }).waitFor({ state: 'hidden' })
    step()
    await page.getByRole('row', { name: /^Run 2 .*current/ }).waitFor()
    await card.getByText(/^Final model: Epoch 4 of 4/).waitFor()
    await card.getByText(/retrying with 1,024/).waitFor()
    expect(await card.getByRole('table', { name: 'Every epoch' }).getByRole('row').count()).toBe(1 + 2 + 4 + 4 + 1)
    await card.getByRole('combobox', { name: 'Part of the training' }).selectOption('Fold 2')
    await card.getByText(/^Fold 2: Epoch 4 of 4; best: epoch 3/).waitFor()
    expect(await violations(page)).toEqual([])
    await close()
  })

  test('the model of a run is exported, file by file in a browser; an adapter only if the run has one', async () => {
    const { page, close } = await trainView()
    await trainSmall(page)
    await page.getByRole('button', { name: 'More about Run 2' }).click()
    await page.getByRole('menuitem', { name: 'Curves and notes' }).waitFor()
    expect(await page.getByRole('menuitem', { name: /^Adapter…/ }).count()).toBe(0)
    await page.getByRole('menuitem', { name: /^ONNX graph…/ }).click()
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Save model.onnx' }).click()
    expect(readFileSync(await (await download).path(), 'utf8')).toBe('a graph')
    await page.getByRole('button', { name: 'More about Run 1' }).click()
    await page.getByRole('menuitem', { name: m.train.runs.rename }).waitFor()
    expect(await page.getByRole('menuitem', { name: /^ONNX graph…/ }).count()).toBe(0)
    await close()
  })

  test('an interrupted run can be resumed or deleted', async () => {
    const { page, engine, close } = await trainView((e) => {
      e.compute.tuneScript = (job, say, die) => {
        tunesHalfway(job, say, die)
        die(null)
      }
      return Promise.resolve()
    })
    await page.getByRole('radio', { name: NAMES }).check()
    await start(page).click()
    await page.getByRole('button', { name: 'Resume: Run 2' }).waitFor()
    await page.getByRole('button', { name: 'More about Run 2' }).click()
    await page.getByRole('menuitem', { name: m.train.runs.delete }).click()
    await page.getByRole('button', { name: m.train.runs.asked.delete }).click()
    await page.getByRole('button', { name: 'Resume: Run 2' }).waitFor({ state: 'detached' })
    expect(engine.calls).toContain('runs.delete')
    await close()
  })

  test('the recipe of a run is shown, and taken for the next training', async () => {
    const { page, engine, close } = await trainView()
    await page.getByRole('button', { name: 'More about Run 1' }).click()
    await page.getByRole('menuitem', { name: m.train.runs.recipe }).click()
    const dialog = page.getByRole('dialog', { name: m.train.runs.recipeOf.title('Run 1') })
    const shown = JSON.parse(await dialog.locator('pre').innerText()) as { family: string; folds: number }
    // the run was trained with two folds, the default has five
    expect(shown).toMatchObject({ family: 'linear', folds: 2, ratioShare: 0.5 })
    expect(await violations(page)).toEqual([])
    await dialog.getByRole('button', { name: m.train.runs.recipeOf.use }).click()
    await start(page).click()
    await page.getByRole('row', { name: /^Run 2 / }).waitFor()
    expect(engine.compute.jobs.at(-1)!.config).toEqual(shown)
    await close()
  })

  test('finished runs are combined to an ensemble, which becomes a run of its own', async () => {
    const { page, engine, close } = await trainView()
    await trainSmall(page)
    await page.getByText(m.train.ensemble.note).click()
    const combine = page.getByRole('button', { name: m.train.ensemble.start(0), exact: true })
    await combine.waitFor()
    expect(await combine.isDisabled()).toBe(true)
    for (const run of ['Run 1 (Linear), micro-F1 0.', 'Run 2 (Small transformer), micro-F1 '])
      await page.getByRole('checkbox', { name: run }).check()
    expect(await violations(page)).toEqual([])
    await page.getByRole('combobox', { name: m.train.ensemble.how }).selectOption('mean')
    await page.getByRole('button', { name: m.train.ensemble.start(2) }).click()
    await page.getByRole('cell', { name: m.runs.ensemble.mean('1, 2') }).waitFor()
    const config = { family: 'ensemble', runs: [1, 2], how: 'mean' }
    await expect.poll(async () => (await engine.engine.call('runs.list', {})).find(({ id }) => id === 3)?.config).toMatchObject(config)
    // an ensemble is no member of another one
    await expect.poll(() => page.getByRole('group', { name: m.train.ensemble.runs }).getByRole('checkbox').count()).toBe(2)
    await close()
  })

  test('a run is renamed and deleted by keyboard; the current one cannot be deleted', async () => {
    const { page, engine, close } = await trainView()
    await trainSmall(page)
    const menu = (run: number) => page.getByRole('button', { name: `More about Run ${run}` })
    const choose = async (run: number, item: string) => {
      await menu(run).focus()
      await page.keyboard.press('Enter')
      const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim())
      // an arrow key before the menu has the focus goes nowhere
      await expect.poll(focused).toBe(m.train.runs.recipe)
      const items = [m.train.runs.recipe, m.train.runs.rename, m.train.runs.note, m.train.runs.delete]
      for (let at = 0; at < items.indexOf(item); at++) await page.keyboard.press('ArrowDown')
      await expect.poll(focused).toBe(item)
      await page.keyboard.press('Enter')
    }
    await choose(1, m.train.runs.rename)
    const dialog = page.getByRole('dialog', { name: 'Rename Run 1' })
    await expect
      .poll(() => dialog.getByRole('textbox', { name: m.train.runs.asked.name }).evaluate((e) => e === document.activeElement))
      .toBe(true)
    await dialog.getByRole('textbox').fill(' ')
    expect(await dialog.getByRole('button', { name: m.train.runs.asked.rename }).isDisabled()).toBe(true)
    await dialog.getByRole('textbox').fill('Before the corrections')
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('Enter')
    await page.getByRole('row', { name: /^Run 1 Before the corrections/ }).waitFor()
    await menu(2).click()
    const current = page.getByRole('menuitem', { name: m.train.runs.deleteCurrent })
    expect(await current.getAttribute('aria-disabled')).toBe('true')
    await page.keyboard.press('Escape')
    await choose(1, m.train.runs.delete)
    await page.getByRole('dialog', { name: 'Delete Run 1?' }).getByText('cannot be undone').waitFor()
    await page.keyboard.press('Escape')
    expect(engine.calls).not.toContain('runs.delete')
    await choose(1, m.train.runs.delete)
    await page.getByRole('button', { name: m.train.runs.asked.delete }).click()
    await page.getByRole('row', { name: /^Run 1 / }).waitFor({ state: 'detached' })
    expect(await page.getByRole('row', { name: /^Run 2 .*current/ }).count()).toBe(1)
    await close()
  })

  test('a folder is added by its path, or rejected with a message', async () => {
    const folder = modelFolder('distilbert-tiny', 'mine')
    const { page, close } = await trainView(undefined, false)
    await page.getByRole('button', { name: 'Add a folder…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Add a model or word vectors' })
    await dialog.getByRole('textbox', { name: 'Path of the folder or file' }).fill('models/mine')
    await page.keyboard.press('Enter')
    await dialog.getByRole('alert').getByText('models/mine').waitFor()
    await dialog.getByRole('textbox').fill(folder)
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'hidden' })
    expect(await page.getByRole('radio', { name: /^mine/ }).isChecked()).toBe(true)
    await page.getByRole('button', { name: 'Remove mine' }).click()
    await expect.poll(() => page.getByRole('radio', { name: /^mine/ }).count()).toBe(0)
    expect(await page.getByRole('radio', { name: /^Linear/ }).isChecked()).toBe(true)
    await close()
  })

  test('a page in a browser may not read a folder: it says which command adds it', async () => {
    const { page, close } = await trainView()
    await page.getByRole('button', { name: 'Add a folder…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Add a model or word vectors' })
    await dialog.getByRole('textbox').fill('/models/mine')
    await page.keyboard.press('Enter')
    await dialog.getByRole('alert').getByText('reelabel models add /models/mine').waitFor()
    await close()
  })

  test('the Hub is not contacted before the user agreed to what is sent; the download is a job', async () => {
    const source = modelFolder('distilbert-tiny')
    const files = Object.fromEntries(
      ['config.json', 'model.safetensors', 'vocab.txt'].map((name) => [name, readFileSync(join(source, name))]),
    )
    const hub = await startFakeHub([
      { id: 'ann/distilbert-tiny', files: { ...files } },
      { id: 'bob/distilbert-pickled', files: { 'config.json': files['config.json']!, 'pytorch_model.bin': Buffer.from('pickle') } },
    ])
    process.env['REELABEL_HUB'] = hub.url
    onTestFinished(async () => {
      delete process.env['REELABEL_HUB']
      await hub.close()
    })
    const { page, engine, close } = await trainView()
    await page.getByRole('button', { name: 'Download from the Hub…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Hugging Face Hub' })
    await dialog.getByRole('searchbox').fill('distilbert')
    await page.keyboard.press('Enter')
    const ask = dialog.getByRole('group', { name: 'Before anything is sent' })
    await ask.getByText(new URL(hub.url).host).first().waitFor()
    expect(await dialog.getByRole('table').count()).toBe(0)
    expect(await violations(page)).toEqual([])
    await ask.getByRole('button', { name: "Don't send" }).click()
    await ask.waitFor({ state: 'detached' })
    expect(hub.asked).toEqual([])
    await dialog.getByRole('button', { name: 'Search' }).click()
    await expect.poll(() => ask.getByRole('button', { name: 'Agree' }).evaluate((b) => b === document.activeElement)).toBe(true)
    await page.keyboard.press('Enter')
    await dialog
      .getByRole('row', { name: /bob\/distilbert-pickled/ })
      .getByText(/safetensors/)
      .waitFor()
    expect(await dialog.getByRole('button', { name: 'Get bob/distilbert-pickled' }).count()).toBe(0)
    await dialog.getByRole('button', { name: 'Get ann/distilbert-tiny' }).click()
    const choice = dialog.getByRole('group', { name: 'Download ann/distilbert-tiny?' })
    await choice.getByText(m.hub.licenceIs('apache-2.0')).waitFor()
    expect(await violations(page)).toEqual([])
    expect(engine.calls).not.toContain('models.download')
    await choice.getByRole('button', { name: 'Download' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await page.getByRole('radio', { name: /^(?:ann\/)?distilbert-tiny/ }).waitFor()
    expect(hub.fetched()).toContain('model.safetensors')
    await page.getByRole('button', { name: /^Remove .*distilbert-tiny/ }).click()
    await page
      .getByRole('group', { name: /^Delete .*distilbert-tiny\?/ })
      .getByRole('button', { name: 'Keep' })
      .click()
    expect(engine.calls).not.toContain('models.remove')
    await close()
  })

  test('being offline is reported, by the switch and when the Hub cannot be reached', async () => {
    const { page, engine, close } = await trainView()
    await page.getByRole('button', { name: 'Download from the Hub…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Hugging Face Hub' })
    engine.failNext.set('models.search', new UserError('offline', 'huggingface.co cannot be reached: is this machine online?'))
    await dialog.getByRole('searchbox').fill('bert')
    await page.keyboard.press('Enter')
    await dialog.getByRole('alert').getByText('is this machine online?').waitFor()
    await dialog.getByRole('checkbox', { name: /^Stay offline/ }).check()
    await dialog.getByText(/^You are offline/).waitFor()
    expect(await dialog.getByRole('searchbox').isDisabled()).toBe(true)
    await close()
  })

  test('Try: every family predicts genres for the typed text, automatically and by key', async () => {
    const { page, engine, close } = await trainView()
    await trainSmall(page)
    await page.getByRole('link', { name: 'Try it on a plot of your own' }).click()
    await page.getByRole('heading', { level: 1, name: 'Try' }).waitFor()
    const text = page.getByRole('textbox', { name: /^Type or paste a plot/ })
    await text.pressSequentially('A sheriff rides into town.')
    const table = page.getByRole('table', { name: 'Probability of each genre' })
    await table.getByRole('columnheader', { name: 'Run 2 (Small transformer)' }).waitFor()
    await table.getByRole('columnheader', { name: 'Run 1 (Linear)' }).waitFor()
    // no request for each word that is typed
    expect(engine.count('predict.text')).toBeLessThan(4)
    const before = await table.innerText()
    await text.fill('War')
    await page.getByText('for the previous text').waitFor()
    await page.keyboard.press('Control+Enter')
    await expect.poll(() => table.innerText()).not.toBe(before)
    await page.getByRole('button', { name: /^All \d+ genres$/ }).click()
    const { genres } = await engine.engine.call('project.info', {})
    expect(await table.getByRole('row').count()).toBe(1 + genres.length)
    expect(await violations(page)).toEqual([])
    engine.failNext.set('predict.text', new UserError('no-model', 'The model of run 2 is missing: train again.'))
    await text.fill('Somewhere else altogether')
    await page.getByRole('alert').getByText('train again').waitFor()
    await close()
  })

  test('a slow explanation shows that it is running, and paging requests only the last movie', async () => {
    const { page, engine, close } = await open()
    const holdExplanations = (): (() => void) => {
      const { promise, resolve } = Promise.withResolvers<undefined>()
      engine.hold.set('review.explain', promise)
      return () => resolve(undefined)
    }
    let release = holdExplanations()
    await page.getByRole('link', { name: 'Review' }).click()
    await page.getByText(/^Computing the words for and against /).waitFor()
    release()
    await page.locator('mark').first().waitFor()
    const before = engine.count('review.explain')
    release = holdExplanations()
    for (let i = 0; i < 6; i++) await page.keyboard.press('ArrowDown')
    expect(await page.locator('mark').count()).toBe(0)
    release()
    await page.locator('mark').first().waitFor()
    expect(engine.count('review.explain') - before).toBeLessThanOrEqual(2)
    engine.failNext.set('review.explain', new UserError('no-explanation', 'Its error is 9%: too large for an explanation.'))
    await page.keyboard.press('ArrowDown')
    await page.getByText('too large for an explanation').waitFor()
    await close()
  })
}
