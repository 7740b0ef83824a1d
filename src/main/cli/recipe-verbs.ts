/** `recipe`: published experiments as files, run on a project. */
import type { Command } from 'commander'
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { resultOf } from '../../contract/events.ts'
import { f1Of, FIGURES, parseRecipe, type RecipeFile, type RecipeReport } from '../../contract/recipe-files.ts'
import { RECIPE_PARAMETERS, recipeSteps, withParameter } from '../../contract/recipe-steps.ts'
import { count } from '../../contract/words.ts'
import type { Engine } from '../engine.ts'
import { repeatable } from './arguments.ts'
import { printResult } from './output.ts'
import { f3, signed, table } from './print.ts'
import { finish, onEngine, onProject, projectVerb, verb, withEngine } from './with-engine.ts'

interface Json {
  readonly json?: boolean
}
interface RunOptions extends Json {
  readonly set: readonly string[]
  readonly predictions?: string
}

export function recipeVerbs(program: Command): void {
  const recipe = program.command('recipe').description('run published experiments, or your own, from a file: rows, split, models, figures')
  verb(recipe, 'list', 'list the recipes that come with the program').action(onEngine(list))
  verb(recipe, 'show', 'show step by step what a recipe does; with --json, the recipe as a file')
    .argument('<recipe>', 'name, or file')
    .action(onEngine(show))
  verb(recipe, 'run', 'run a recipe on rows and a split of its own; the project keeps its split, and gets a report')
    .argument('<recipe>', 'name, or file')
    .argument('<project>')
    .addOption(repeatable('--set <path=value>', `another number, such as sample.movies=500, of ${PATHS.join(', ')}`))
    .option('--predictions <file>', 'also write labels and probabilities of the test part as CSV')
    .action(run)
  projectVerb(recipe, 'reports', 'show the reports of recipes that were run on a project').action(onProject(reports))
}

const PATHS = RECIPE_PARAMETERS.map(({ path }) => path.join('.'))

async function list(engine: Engine, o: Json): Promise<void> {
  const recipes = await engine.call('recipes.list', {})
  printResult(o, recipes, () => table(['name', 'title', 'source'], recipes.map(({ name, title, source }) => [name, title, source]))) // prettier-ignore
}

async function show(engine: Engine, wanted: string, o: Json): Promise<void> {
  const recipe = recipeOf(wanted, await engine.call('recipes.list', {}))
  const steps = (): string => recipeSteps(recipe).map(({ name, text }) => `  ${name}: ${text}`).join('\n') // prettier-ignore
  printResult(o, recipe, () => `${recipe.title} (${recipe.source})\n${recipe.about}\n\n${steps()}`)
}

/** A published recipe by its name, or one of a file. @throws UserError `no-recipe`, `bad-recipe` */
function recipeOf(wanted: string, published: readonly RecipeFile[]): RecipeFile {
  const found = published.find(({ name }) => name === wanted)
  if (found) return found
  if (!existsSync(wanted))
    throw new UserError('no-recipe', `There is no recipe and no file "${wanted}": recipes are ${published.map(({ name }) => name).join(', ')}.`) // prettier-ignore
  return parseRecipe(readFileSync(wanted, 'utf8'), wanted)
}

/** @throws UserError `bad-arguments` unless each is `path=number` */
function changed(recipe: RecipeFile, pairs: readonly string[]): RecipeFile {
  return pairs.reduce((before, pair) => {
    const [path = '', text = ''] = pair.split('=')
    const parameter = RECIPE_PARAMETERS.find((each) => each.path.join('.') === path)
    const value = text === 'all' && parameter?.empty ? null : text === '' ? NaN : Number(text)
    if (!parameter || Number.isNaN(value))
      throw new UserError('bad-arguments', `--set ${pair}: write PATH=NUMBER with a path of ${PATHS.join(', ')}; sample.movies=all takes all movies.`) // prettier-ignore
    return withParameter(before, parameter, value)
  }, recipe)
}

async function run(wanted: string, project: string, o: RunOptions): Promise<void> {
  await withEngine(project, async (engine) => {
    const recipe = changed(recipeOf(wanted, await engine.call('recipes.list', {})), o.set)
    const predictions = o.predictions === undefined ? null : resolve(o.predictions)
    const end = await finish(engine, () => engine.call('recipes.run', { recipe, predictions }), o)
    const report = resultOf('recipe', end)
    printResult(o, report, () => reportText(report))
  })
}

async function reports(engine: Engine, o: Json): Promise<void> {
  const found = await engine.call('recipes.reports', {})
  printResult(o, found, () => found.map(reportText).join('\n\n') || 'No recipe was run on this project.')
}

/** The notes on the models, each once. */
const notesOf = (results: RecipeReport['results']): string[] => {
  const notes = results.filter(({ note }) => note !== '').map(({ model, note }) => `${model}: ${note}`)
  return notes.length > 0 ? [[...new Set(notes)].join('\n')] : []
}

function reportText({ recipe, rows, genres, results, lengths = [], words = [], comparisons, elapsedMs, createdAt }: RecipeReport): string {
  const { train, valid, test } = rows.parts
  const removed = Object.entries(rows.removed).filter(([, n]) => n > 0).map(([why, n]) => `${why} ${count(n)}`) // prettier-ignore
  const shown = recipe.metrics.figures
  const lines = results.flatMap(({ model, thresholds, figures, published }) => [
    [model, thresholds, 'here', ...shown.map((id) => (figures ? f3(figures[id]) : ''))],
    ...(Object.keys(published).length > 0 ? [['', '', 'published', ...shown.map((id) => (published[id] === undefined ? '' : String(published[id])))]] : []), // prettier-ignore
  ])
  const confusion = recipe.metrics.genres.flatMap((genre) => {
    const g = genres.indexOf(genre)
    return g < 0 ? [] : results.filter(({ figures }) => figures).map((r) => [genre, r.model, r.thresholds, ...(['tp', 'fp', 'fn', 'tn'] as const).map((cell) => count(r.genres[g]?.[cell] ?? 0))]) // prettier-ignore
  })
  const measured = results.filter(({ figures, byLength }) => figures && byLength)
  const losses = results.filter(({ epochs }, i) => epochs.length > 0 && results.findIndex((r) => r.epochs === epochs || r.model === results[i]?.model) === i) // prettier-ignore
  return [
    `${recipe.title}, ${createdAt}, ${(elapsedMs / 1000).toFixed(0)} s`,
    `${count(rows.movies)} movies${removed.length > 0 ? `, removed: ${removed.join(', ')}` : ''}; ${count(train.length)} to train, ${count(valid.length)} to validate, ${count(test.length)} to test; ${genres.length} genres; seeds: sample ${recipe.sample.seed}, split ${recipe.split.seed}, training ${recipe.training.seed}`,
    table(['model', 'thresholds', '', ...shown.map((id) => FIGURES[id].label)], lines),
    ...notesOf(results),
    ...(confusion.length > 0 ? [table(['genre', 'model', 'thresholds', 'tp', 'fp', 'fn', 'tn'], confusion)] : []),
    ...losses.map(({ model, epochs }) => `${model}, validation loss by epoch: ${epochs.filter(({ stage, validLoss }) => stage === 'fine-tuning' && validLoss !== null).map(({ validLoss }) => (validLoss ?? 0).toFixed(4)).join(', ')}`), // prettier-ignore
    ...(measured.length > 0 ? [`F1 by genre, the lines of the table as columns\n${table(['genre', ...measured.map((_, i) => String(i + 1))], genres.map((genre, g) => [genre, ...measured.map(({ genres: cells }) => (cells[g] ? f3(f1Of(cells[g])) : ''))]))}`] : []), // prettier-ignore
    ...(lengths.length > 0 ? [`micro-F1 by characters of the plot\n${table(['model', 'thresholds', ...lengths.map((end) => `<= ${count(end)}`)], measured.map(({ model, thresholds, byLength = [] }) => [model, thresholds, ...byLength.map(f3)]))}`] : []), // prettier-ignore
    ...(words.length > 0 ? [`words with the largest weights in Reelabel's default\n${table(['genre', 'words'], words.map((list, g) => [genres[g] ?? '', list.map(({ word }) => word).join(', ')]))}`] : []), // prettier-ignore
    ...comparisons.map((c) =>
      [
        `${c.new} against ${c.old}: micro-F1 ${signed(c.scores.microF1.difference)} (${signed(c.scores.microF1.low)} to ${signed(c.scores.microF1.high)}), macro-F1 ${signed(c.scores.macroF1.difference)} (${signed(c.scores.macroF1.low)} to ${signed(c.scores.macroF1.high)})`,
        table(
          ['genre', 'support', 'F1 before', 'after', 'difference', 'from', 'to'],
          c.genres.map(({ name, support, f1 }) => [name, count(support), f3(f1.old), f3(f1.new), signed(f1.difference), signed(f1.low), signed(f1.high)]), // prettier-ignore
        ),
      ].join('\n'),
    ),
  ].join('\n\n')
}
